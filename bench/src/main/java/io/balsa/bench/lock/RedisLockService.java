package io.balsa.bench.lock;

import io.balsa.bench.peer.LoopbackPorts;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.redis.RedisLock;
import io.balsa.lock.redis.RedisLockOptions;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Locks of one Redis server that is installed on this machine. */
final class RedisLockService implements LockService {
    static final String PROGRAM = "redis-server";
    private static final String HOST = "127.0.0.1";
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(1);

    private final ServerProcesses processes = new ServerProcesses();
    private final int port;

    private RedisLockService(int port) {
        this.port = port;
    }

    static RedisLockService start(Path directory) throws IOException, InterruptedException {
        Path program = InstalledProgram.find(PROGRAM);
        RedisLockService service = new RedisLockService(LoopbackPorts.freeTcp(1).get(0));
        service.start(program, directory);
        return service;
    }

    private void start(Path program, Path directory) throws IOException, InterruptedException {
        processes.start(
                List.of(
                        program.toString(),
                        "--bind",
                        HOST,
                        "--port",
                        String.valueOf(port),
                        "--dir",
                        directory.toString(),
                        "--save",
                        "",
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always"),
                directory.resolve("redis.log"));
        processes.await("a Redis server at port " + port, this::serves);
    }

    private boolean serves() {
        return ServerProbe.ask(port, "PING\r\nQUIT\r\n").startsWith("+PONG");
    }

    @Override
    public String durability() {
        return "one server without replicas, appendonly yes, appendfsync always: a request is answered when it is synced to disk";
    }

    @Override
    public DistributedLock open(int outstanding) {
        return RedisLock.connect(
                RedisURI.create(HOST, port),
                RedisLockOptions.defaults().withRequestTimeout(REQUEST_TIMEOUT),
                LockOptions.defaults());
    }

    @Override
    public void close() throws IOException {
        processes.close();
    }
}
