package io.balsa.bench.peer;

import io.aeron.CommonContext;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ClusteredMediaDriver;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.ConsensusModuleVersion;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NoOpLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Aeron Cluster: polled agents over shared memory and UDP; the log is a recording of its archive. */
final class AeronClusterProduct implements ReplicationProduct {

    private static final Logger LOGGER = LoggerFactory.getLogger(AeronClusterProduct.class);
    private static final ErrorHandler ERRORS = error -> LOGGER.warn("Aeron: {}", error.toString());
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String ANY_PORT = "aeron:udp?endpoint=127.0.0.1:0";
    private static final int PORTS_PER_NODE = 5;
    private static final int ARCHIVE_PORT = 4;

    @Override
    public String name() {
        return "aeron-cluster";
    }

    @Override
    public String version() {
        return ConsensusModuleVersion.VERSION;
    }

    @Override
    public String configuration() {
        return "Contexts as in its cluster tutorial: media driver and archive in threading mode SHARED, which its documents advise"
                + " where cores are few, with its default back-off idle strategies, term lengths by default; fsync: file sync"
                + " level 1 for archive, catalog and consensus module, memory: level 0, recordings in files without fsync."
                + " Commands by an AeronCluster client over IPC ingress at the leader; a command is done when the leader's"
                + " service is called. Nodes speak UDP. It runs on Balsa's Agrona.";
    }

    @Override
    public boolean supports(Setting setting) {
        return setting.network() == Network.TCP;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        OpenParts parts = new OpenParts(name());
        try {
            List<Integer> ports = LoopbackPorts.freeUdp(PORTS_PER_NODE * setting.nodes());
            String driverDirectory = CommonContext.getAeronDirectoryName() + "-balsa-" + UUID.randomUUID();
            AeronCommands commands = new AeronCommands();
            CompletableFuture<Integer> elected = new CompletableFuture<>();
            for (int node = 0; node < setting.nodes(); node++) {
                startNode(setting, node, ports, driverDirectory, commands.service(node, elected), parts);
            }
            int leader = elected.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            commands.connect(
                    new AeronCluster.Context()
                            .aeronDirectoryName(driverDirectory + "-" + leader)
                            .ingressChannel("aeron:ipc")
                            .egressChannel("aeron:ipc")
                            .messageTimeoutNs(START_LIMIT.toNanos())
                            .errorHandler(ERRORS),
                    parts);
            return PeerGroup.serving(parts, commands, START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static void startNode(
            Setting setting,
            int node,
            List<Integer> ports,
            String driverDirectory,
            AeronCommands.Service service,
            OpenParts parts) {
        String aeronDirectory = driverDirectory + "-" + node;
        File directory = setting.directory().resolve("n" + (node + 1)).toFile();
        File clusterDirectory = new File(directory, "cluster");
        int fileSyncLevel = setting.durability() == Durability.FSYNC ? 1 : 0;

        MediaDriver.Context driver = new MediaDriver.Context()
                .aeronDirectoryName(aeronDirectory)
                .threadingMode(ThreadingMode.SHARED)
                .termBufferSparseFile(true)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .errorHandler(ERRORS);
        Archive.Context archive = new Archive.Context()
                .aeronDirectoryName(aeronDirectory)
                .archiveDir(new File(directory, "archive"))
                .controlChannel(udp(ports.get(PORTS_PER_NODE * node + ARCHIVE_PORT)))
                .archiveClientContext(new AeronArchive.Context().controlResponseChannel(ANY_PORT))
                .localControlChannel("aeron:ipc?term-length=64k")
                .replicationChannel(ANY_PORT)
                .recordingEventsEnabled(false)
                .threadingMode(ArchiveThreadingMode.SHARED)
                .fileSyncLevel(fileSyncLevel)
                .catalogFileSyncLevel(fileSyncLevel)
                .errorHandler(ERRORS);
        AeronArchive.Context archiveClient = new AeronArchive.Context()
                .lock(NoOpLock.INSTANCE)
                .controlRequestChannel(archive.localControlChannel())
                .controlResponseChannel(archive.localControlChannel())
                .aeronDirectoryName(aeronDirectory);
        ConsensusModule.Context consensus = new ConsensusModule.Context()
                .clusterMemberId(node)
                .clusterMembers(members(setting.nodes(), ports))
                .clusterDir(clusterDirectory)
                .ingressChannel("aeron:udp")
                .isIpcIngressAllowed(true)
                .replicationChannel(ANY_PORT)
                .archiveContext(archiveClient.clone())
                .fileSyncLevel(fileSyncLevel)
                .terminationHook(() -> LOGGER.warn("node {} of Aeron Cluster ended", node))
                .errorHandler(ERRORS);
        parts.add(ClusteredMediaDriver.launch(driver, archive, consensus));
        parts.add(ClusteredServiceContainer.launch(new ClusteredServiceContainer.Context()
                .aeronDirectoryName(aeronDirectory)
                .archiveContext(archiveClient.clone())
                .clusterDir(clusterDirectory)
                .clusteredService(service)
                .terminationHook(() -> LOGGER.warn("service {} of Aeron Cluster ended", node))
                .errorHandler(ERRORS)));
    }

    /** Each member as its number and its endpoints: ingress, consensus, log, catch-up, archive. */
    private static String members(int nodes, List<Integer> ports) {
        StringBuilder members = new StringBuilder();
        for (int node = 0; node < nodes; node++) {
            members.append(node);
            for (int port = 0; port < PORTS_PER_NODE; port++) {
                members.append(",127.0.0.1:").append(ports.get(PORTS_PER_NODE * node + port));
            }
            members.append('|');
        }
        return members.toString();
    }

    private static String udp(int port) {
        return "aeron:udp?endpoint=127.0.0.1:" + port;
    }
}
