package io.balsa.lock.consul;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as an agent of Consul would, or as a test wants it to: what a real one does only by chance. */
final class ConsulStub implements AutoCloseable {
    /** An answer that never comes: the connection ends instead. */
    static final Answer NONE = new Answer(0, 0, "");

    private static final String HELD_VALUE =
            "{\"LockIndex\":1,\"Key\":\"%s\",\"Flags\":0,\"Value\":null,\"Session\":\"other\",\"CreateIndex\":1,\"ModifyIndex\":%d}";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger sessions = new AtomicInteger();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    record Request(String method, String path, String query, String body) {
        boolean isBlocking() {
            return query.contains("wait=");
        }

        /** That a blocking query names. */
        String index() {
            for (String parameter : query.split("&", -1)) {
                if (parameter.startsWith("index=")) {
                    return parameter.substring("index=".length());
                }
            }
            return "";
        }

        /** In the words of a test: "lock", "unlock", "destroy", … */
        String what() {
            if (path.equals("/v1/txn")) {
                return body.contains("\"lock\"") ? "lock" : "unlock";
            }
            if (path.startsWith("/v1/session/")) {
                return path.split("/", -1)[3];
            }
            return query.contains("recurse") ? "list" : isBlocking() ? "wait" : "read";
        }
    }

    record Answer(int status, long index, String body) {
        static Answer ok(String body) {
            return new Answer(200, 1, body);
        }

        static Answer free(long index) {
            return new Answer(404, index, "");
        }

        static Answer held(String key, long index) {
            return new Answer(200, index, "[" + HELD_VALUE.formatted(key, index) + "]");
        }
    }

    /** Answers a request; may block. */
    interface Handler {
        Answer answer(Request request) throws InterruptedException;
    }

    /** By itself all locks are free, and all requests succeed. */
    ConsulStub() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        on("read", request -> Answer.free(1));
        on("wait", request -> Answer.free(1));
        on("list", request -> Answer.free(1));
        on("create", request -> Answer.ok("{\"ID\":\"session-" + sessions.incrementAndGet() + "\"}"));
        on("lock", request -> locked(7));
        on("unlock", request -> locked(7));
        on("destroy", request -> Answer.ok("true"));
        server.start();
    }

    static Answer locked(long index) {
        return Answer.ok("{\"Results\":[{\"KV\":" + HELD_VALUE.formatted("any", index) + "}],\"Errors\":null}");
    }

    /** Sets the answer to one kind of request. */
    void on(String what, Handler handler) {
        handlers.put(what, handler);
    }

    /** What was asked, in order. */
    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** What was asked, in the words of tests. */
    List<String> asked() {
        return requests.stream().map(Request::what).toList();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getQuery();
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    query == null ? "" : query,
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            Answer answer = handlers.get(request.what()).answer(request);
            if (answer.equals(NONE)) {
                return;
            }
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.getResponseHeaders().add("X-Consul-Index", Long.toString(answer.index()));
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
