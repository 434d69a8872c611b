package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * Who a server says it is when a connection begins.
 *
 * @param clusterId the cluster that it belongs to; connections of other clusters are refused
 * @param nodeId its name in the group
 * @param storeId the 16 random bytes of its data directory: a second directory under the same name is an impostor
 * @param bootId 16 random bytes of this run of the process: a second process on one directory is an impostor, too
 * @param clientAddress {@code host:port} where it takes clients, as they reach it; empty if it takes none
 */
public record NodeIdentity(String clusterId, NodeId nodeId, byte[] storeId, byte[] bootId, String clientAddress) {
    /** The length of {@code storeId} and {@code bootId}. */
    public static final int ID_BYTES = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    public NodeIdentity {
        Objects.requireNonNull(clusterId, "clusterId");
        if (clusterId.isEmpty() || clusterId.length() > Handshake.MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "a cluster id has 1 to " + Handshake.MAX_NAME_LENGTH + " characters, not " + clusterId.length());
        }
        Objects.requireNonNull(nodeId, "nodeId");
        Objects.requireNonNull(clientAddress, "clientAddress");
        if (storeId.length != ID_BYTES || bootId.length != ID_BYTES) {
            throw new IllegalArgumentException("store id and boot id have " + ID_BYTES + " bytes");
        }
        storeId = storeId.clone();
        bootId = bootId.clone();
    }

    /** An identity with a new boot id, for this run of the process. */
    public static NodeIdentity ofThisRun(String clusterId, NodeId nodeId, byte[] storeId, String clientAddress) {
        return new NodeIdentity(clusterId, nodeId, storeId, randomId(), clientAddress);
    }

    /** 16 unpredictable bytes: a new store id or boot id. */
    public static byte[] randomId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return id;
    }
}
