/** Distributed locks as leases: acquired under a key for a time, with a fencing token, told of when lost. */
package io.balsa.lock;
