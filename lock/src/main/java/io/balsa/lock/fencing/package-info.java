/**
 * Guards for what a lock protects: they accept a write only with a fencing token that is not older than the newest they have
 * seen. A lock alone can't stop a holder that was paused for longer than its time to live and then writes, not knowing that
 * another holds the lock; the resource can.
 */
package io.balsa.lock.fencing;
