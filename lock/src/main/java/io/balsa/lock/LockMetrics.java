package io.balsa.lock;

import java.time.Duration;

/**
 * What became of the requests to one {@link DistributedLock}, at one moment. Counts go on from when it was made.
 *
 * @param waiting how many acquisitions are under way now, those that wait for a holder included
 * @param held how many leases are held now
 * @param acquired how many leases were granted
 * @param notAcquired how many acquisitions ended because the lock was not free in time, or were given up
 * @param failed how many acquisitions failed otherwise
 * @param released how many leases were released by their holder
 * @param lost how many leases were lost
 * @param renewals how many renewals succeeded
 * @param failedRenewals how many renewals did not, tried again or not
 * @param waited how long all granted acquisitions took together
 * @param longestWait the longest of them
 * @param holding how long all leases that have ended were held together
 * @param longestHolding the longest of them
 */
public record LockMetrics(
        long waiting,
        long held,
        long acquired,
        long notAcquired,
        long failed,
        long released,
        long lost,
        long renewals,
        long failedRenewals,
        Duration waited,
        Duration longestWait,
        Duration holding,
        Duration longestHolding) {}
