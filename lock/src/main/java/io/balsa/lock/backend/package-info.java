/** What a lock service must do, so that {@link io.balsa.lock.LeasingLock} can offer its locks as leases. */
package io.balsa.lock.backend;
