package io.balsa.bench.lock;

import io.balsa.bench.ScratchDirectory;
import io.balsa.lock.DistributedLock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** A lock service with its clients and its directory: what each benchmark of locks starts, and ends. Not thread-safe. */
final class LockSetup implements AutoCloseable {
    /** Longer than a trial, so that nothing runs out; and Consul takes nothing below 10 s. */
    static final Duration TTL = Duration.ofMinutes(5);

    private final ScratchDirectory directory;
    private final LockService service;
    private final Deque<DistributedLock> clients = new ArrayDeque<>();

    private LockSetup(ScratchDirectory directory, LockService service) {
        this.directory = directory;
        this.service = service;
    }

    /** Starts the servers of a backend, and says in the trial's output how durable they are. */
    // What a trial prints is its record.
    @SuppressWarnings("SystemOut")
    static LockSetup start(Backend backend) throws Exception {
        ScratchDirectory directory = ScratchDirectory.create();
        LockService service;
        try {
            service = backend.start(directory.path().toAbsolutePath());
        } catch (Exception e) {
            directory.delete();
            throw e;
        }
        System.out.println("# " + backend + ": " + service.durability());
        return new LockSetup(directory, service);
    }

    /**
     * Opens a client, which is closed with this.
     *
     * @param outstanding how many of its requests are to be under way at once at most
     */
    DistributedLock open(int outstanding) throws IOException {
        DistributedLock client = service.open(outstanding);
        clients.push(client);
        return client;
    }

    @Override
    public void close() throws IOException {
        try {
            while (!clients.isEmpty()) {
                clients.pop().close();
            }
        } finally {
            try {
                service.close();
            } finally {
                directory.delete();
            }
        }
    }
}
