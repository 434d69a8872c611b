package io.balsa.raft.node;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether a server still takes part in its group: it does not once it has heard that its removal is committed, or when
 * some peers refuse it for good and none lets it in. Says so once. Thread-safe.
 */
final class Standing {
    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    private final NodeId self;
    private final Consumer<Exclusion> onExcluded;
    private final Map<Exclusion.Reason, Exclusion> exclusions = new EnumMap<>(Exclusion.Reason.class);
    // One entry at most for each peer that this server dials.
    private final Map<NodeId, Exclusion.Reason> refusals = new TreeMap<>();
    private final Set<NodeId> friends = new HashSet<>();
    private boolean removed;

    /** @param onExcluded told when it turns out that the server takes no part any more; must not block */
    Standing(NodeId self, String clusterId, Consumer<Exclusion> onExcluded) {
        this.self = self;
        this.onExcluded = onExcluded;
        String comeAnew = "add the machine under a new id, with an empty data directory: balsa member add";
        put(
                Exclusion.Reason.REMOVED,
                "node " + self + " was removed from cluster '" + clusterId + "' and takes no part in it any more;"
                        + " a removed id does not come back: stop this node, and " + comeAnew);
        put(
                Exclusion.Reason.REFUSED,
                "the other nodes of cluster '" + clusterId + "' refuse node " + self
                        + ": its data directory is not the one that they know by that name, for it was wiped, copied or"
                        + " exchanged; stop this node, and start it with the right directory, or, if that is lost,"
                        + " balsa member remove " + self + ", and " + comeAnew);
    }

    private void put(Exclusion.Reason reason, String detail) {
        exclusions.put(reason, new Exclusion(reason, detail));
    }

    /** Why the server takes no part any more; empty while it does, as far as it knows. */
    synchronized Optional<Exclusion> exclusion() {
        if (removed) {
            return Optional.of(exclusions.get(Exclusion.Reason.REMOVED));
        }
        // Who was removed hears so from whoever knows it already; the order of the reasons says which is worth telling.
        return friends.isEmpty()
                ? refusals.values().stream().min(Enum::compareTo).map(exclusions::get)
                : Optional.empty();
    }

    /** The server's own log says, by now committed, that it was removed; or does not. */
    void observe(boolean nowRemoved) {
        update(() -> removed = nowRemoved);
    }

    /** See {@link io.balsa.raft.port.Transport.Receiver#onRefused}. */
    void refused(NodeId peer, Exclusion.Reason reason, String text) {
        boolean isNews = update(() -> {
            friends.remove(peer);
            return refusals.put(peer, reason) != reason && exclusion().isEmpty();
        });
        if (isNews) {
            LOG.warn("node {} refuses node {}, which others let in: {}", peer, self, text);
        }
    }

    /** See {@link io.balsa.raft.port.Transport.Receiver#onWelcome}. */
    void welcome(NodeId peer) {
        update(() -> {
            refusals.remove(peer);
            return friends.add(peer);
        });
    }

    private boolean update(BooleanSupplier change) {
        boolean result;
        Optional<Exclusion> before;
        Optional<Exclusion> after;
        synchronized (this) {
            before = exclusion();
            result = change.getAsBoolean();
            after = exclusion();
        }
        if (before.isEmpty() && after.isPresent()) {
            LOG.warn("{}", after.get().detail());
            onExcluded.accept(after.get());
        } else if (before.isPresent() && after.isEmpty()) {
            LOG.info("node {} takes part again", self);
        }
        return result;
    }
}
