package io.balsa.simulation;

import java.util.Locale;

/** A kind of fault that a simulation can inject. */
public enum Fault {
    /** Messages are lost. */
    LOSS,
    /** Messages arrive twice, the second time perhaps seconds later. */
    REPLAY,
    /** The network falls into two parts. */
    PARTITION,
    /** One server is heard no more by another, which it still hears. */
    ONE_WAY_CUT,
    /** What is sent on one way piles up and arrives late, all at once. */
    CLOG,
    /** A process is killed; what it wrote is still on its disk. */
    KILL,
    /** The power of a machine fails: of what was not synced, any part is lost. */
    POWER_LOSS,
    /** The power fails in the middle of an operation of the disk. */
    POWER_LOSS_WHILE_WRITING,
    /** All machines lose their power at once. */
    RESTART_OF_ALL,
    /** A process stands still, and then goes on as if nothing had been. */
    PAUSE,
    /** A disk takes very long. */
    DISK_STALL,
    /** A write or sync fails. */
    DISK_ERROR,
    /** There is no room on the disk. */
    DISK_FULL,
    /** A bit flips in a record that was synced; never so many that no copy is left. */
    BIT_FLIP,
    /** A bit flips in a snapshot, or in what was received of one so far; bounded like all damage. */
    SNAPSHOT_BIT_FLIP,
    /** A bit flips in the file of term and vote; bounded like all damage. */
    VOTE_BIT_FLIP,
    /** The leader is told to hand its leadership over. */
    LEADER_TRANSFER,
    /** Servers are added, promoted, replaced and removed, the leader among them. */
    MEMBERSHIP_CHANGE,
    /** A disk is lost with all that was on it; another server takes its place, under another name. */
    DISK_LOSS,
    /** Clocks run at different paces. */
    DRIFT,
    /** A process of a client stands still. */
    CLIENT_PAUSE,
    /** A process of a client ends without a word. */
    CLIENT_KILL,
    /** The leader is cut off from the other servers just when it is given much to do, until they have another. */
    STRANDED_LEADER,
    /** Something befalls a leader just after it was elected. */
    SHORT_REIGN,
    /** Nobody hears the leader any more, but answers of before still arrive. */
    LATE_ANSWERS,
    /** The network falls apart between old and new voters, or something befalls the leader, in the middle of a change. */
    INTERRUPTED_CHANGE;

    /** As it is printed: {@code one-way-cut}. */
    public String spelling() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
