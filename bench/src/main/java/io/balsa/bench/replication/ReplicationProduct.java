package io.balsa.bench.replication;

/** A product that replicates commands, to be measured. */
public interface ReplicationProduct {

    /** As it is called in the report and by the parameters of the benchmarks. */
    String name();

    /** Read from the product itself, for the report. */
    String version();

    /** One or two sentences for the report: how it is set up, and where its documents say so. */
    String configuration();

    boolean supports(Setting setting);

    /** Starts the nodes; returns when a leader is elected and a first command went through, which is bounded in time. */
    ReplicationGroup start(Setting setting) throws Exception;
}
