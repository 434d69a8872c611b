package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationProduct;
import java.util.List;

/** All products that Balsa is measured against. */
public final class Peers {

    private Peers() {}

    public static List<ReplicationProduct> all() {
        return List.of(
                new JGroupsRaftProduct(),
                new MicroRaftProduct(),
                new SofaJRaftProduct(),
                new RatisProduct(),
                new AeronClusterProduct(),
                new ZooKeeperProduct());
    }
}
