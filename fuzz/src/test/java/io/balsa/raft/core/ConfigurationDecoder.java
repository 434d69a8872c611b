package io.balsa.raft.core;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Decoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Configurations of a group: what is taken has one form in bytes, which gives the same configuration. */
public final class ConfigurationDecoder implements Decoder {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final NodeId N4 = NodeId.of("n4");

    @Override
    public void decode(byte[] input) {
        Configuration configuration;
        try {
            configuration = Configuration.decode(input);
        } catch (IllegalArgumentException refused) {
            return;
        }
        byte[] encoded = configuration.encode();
        Check.that(Configuration.decode(encoded).equals(configuration), configuration + " became another");
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>(configurations());
        seeds.add(Configuration.EMPTY.encode());
        return seeds;
    }

    /** Some configurations of each kind. */
    public static List<byte[]> configurations() {
        return List.of(
                Configuration.of(List.of(N1, N2, N3)).encode(),
                new Configuration(List.of(N1, N3), List.of(N1, N2), List.of(N4), List.of(), Map.of(N1, "host:7101"))
                        .encode(),
                new Configuration(List.of(N1), List.of(), List.of(), List.of(N2, N3), Map.of()).encode());
    }
}
