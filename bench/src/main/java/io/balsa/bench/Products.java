package io.balsa.bench;

import io.balsa.bench.balsa.BalsaProduct;
import io.balsa.bench.peer.Peers;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.raft.adapter.LogStorageKind;
import java.util.ArrayList;
import java.util.List;

/** Everything that is measured side by side. */
public final class Products {
    private Products() {}

    /** Balsa first, then its peers. */
    public static List<ReplicationProduct> all() {
        List<ReplicationProduct> all = new ArrayList<>();
        all.add(new BalsaProduct("balsa", LogStorageKind.SEGMENT));
        all.add(new BalsaProduct("balsa-chronicle", LogStorageKind.CHRONICLE));
        all.addAll(Peers.all());
        return List.copyOf(all);
    }

    /**
     * The product of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ReplicationProduct named(String name) {
        return all().stream()
                .filter(product -> product.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no product is called '" + name + "'; there are "
                        + all().stream().map(ReplicationProduct::name).toList()));
    }
}
