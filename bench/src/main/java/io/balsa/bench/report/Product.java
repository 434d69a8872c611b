package io.balsa.bench.report;

import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * What is measured side by side with others.
 *
 * @param environments the ones that it runs in
 */
public record Product(String name, String version, String configuration, Set<Environment> environments) {
    private static final String OURS = "balsa";
    private static final int NODES = 3;

    /** Describes a product. */
    public static Product of(ReplicationProduct product) {
        Set<Environment> environments = new HashSet<>();
        for (Durability durability : Durability.values()) {
            for (Network network : Network.values()) {
                if (product.supports(new Setting(NODES, durability, network, Path.of("")))) {
                    environments.add(new Environment(durability, network));
                }
            }
        }
        return new Product(product.name(), product.version(), product.configuration(), environments);
    }

    /** The one that is compared with its peers. */
    static boolean isBalsa(String name) {
        return name.equals(OURS);
    }

    /** Balsa, or a variant of it. */
    static boolean isOurs(String name) {
        return name.startsWith(OURS);
    }
}
