package io.balsa.server.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.client.RequestException;
import io.balsa.server.support.JarProcess;
import io.balsa.simulation.history.History;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that work on key-values and locks all the time, and record what they asked and were told. */
final class NemesisClients {
    private static final int KEY_VALUE_CLIENTS = 4;
    private static final int LOCK_CLIENTS = 3;
    private static final int ANSWERS_AFTER_A_DISTURBANCE = 300;

    private final HistoryRecorder keyValues = new HistoryRecorder(System::nanoTime);
    private final HistoryRecorder locks = new HistoryRecorder(System::nanoTime);
    private final Set<String> keys = new ConcurrentSkipListSet<>();
    private final AtomicLong answers = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Throwable> unforeseen = new ConcurrentLinkedQueue<>();
    private final Queue<Session> sessions = new ConcurrentLinkedQueue<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile String phase = "0";
    private volatile boolean stopping;

    /**
     * Begins to work.
     *
     * @param addresses where the nodes take clients
     */
    void start(String addresses, long seed) {
        for (int i = 0; i < KEY_VALUE_CLIENTS; i++) {
            start(new KeyValueClient("kv" + i, addresses, this, new Random(seed + i)));
        }
        for (int i = 0; i < LOCK_CLIENTS; i++) {
            start(new LockClient("lock" + i, addresses, this, new Random(seed - 1 - i)));
        }
    }

    private void start(NemesisClient client) {
        Thread thread = new Thread(client, client.name());
        thread.setUncaughtExceptionHandler((at, failure) -> {
            unforeseen.add(failure);
            failed.countDown();
        });
        threads.add(thread);
        thread.start();
    }

    /** From here on other keys and locks are used: what is unknown of the old ones does not make the judgement harder. */
    void enterPhase(int number) {
        phase = Integer.toString(number);
    }

    /** Waits until the clients have been told some more. */
    void awaitWork() {
        long enough = answers.get() + ANSWERS_AFTER_A_DISTURBANCE;
        await("clients get answers")
                .atMost(JarProcess.PATIENCE)
                .failFast(() -> assertThat(unforeseen).isEmpty())
                .until(() -> answers.get() >= enough);
    }

    /** Something was answered. */
    void answered() {
        answers.incrementAndGet();
    }

    /** Reads every key once more, as a part of the history: what was acknowledged must be there at the end. */
    void readAll(String addresses) {
        await("all keys are read")
                .atMost(JarProcess.PATIENCE)
                .ignoreExceptionsInstanceOf(RequestException.class)
                .until(() -> {
                    try (Session session = Session.connect(addresses)) {
                        keys.forEach(key -> KeyValueClient.read("reader", keyValues, session, key));
                    }
                    return true;
                });
    }

    /** Keeps a session open until no client asks anything more: its end would release a lock that another waits for. */
    Session keep(Session session) {
        sessions.add(session);
        return session;
    }

    /** Ends all clients. */
    void stop() throws InterruptedException {
        stopping = true;
        try {
            for (Thread thread : threads) {
                TimeUnit.MILLISECONDS.timedJoin(thread, JarProcess.PATIENCE.toMillis());
                assertThat(thread.isAlive()).as("%s ends", thread.getName()).isFalse();
            }
        } finally {
            sessions.forEach(Session::close);
        }
        assertThat(unforeseen).isEmpty();
    }

    /** Opened as soon as a client fails in a way that is none of the cluster's answers. */
    CountDownLatch failed() {
        return failed;
    }

    History keyValueHistory() {
        return keyValues.history();
    }

    History lockHistory() {
        return locks.history();
    }

    /** All keys that a client has worked on. */
    Collection<String> keys() {
        return keys;
    }

    HistoryRecorder keyValueRecorder() {
        return keyValues;
    }

    HistoryRecorder lockRecorder() {
        return locks;
    }

    boolean isStopping() {
        return stopping;
    }

    /** A name of this phase. */
    String inPhase(String name) {
        return phase + "/" + name;
    }

    /** Like {@link #inPhase}, and remembers it. */
    String key(String name) {
        String key = inPhase(name);
        keys.add(key);
        return key;
    }
}
