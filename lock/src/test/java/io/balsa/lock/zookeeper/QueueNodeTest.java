package io.balsa.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.lock.zookeeper.FakeRequests.Fate;
import io.balsa.lock.zookeeper.QueueNode.Created;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.SessionExpiredException;
import org.junit.jupiter.api.Test;

// Futures are looked at where they matter.
@SuppressWarnings("FutureReturnValueIgnored")
class QueueNodeTest {
    private static final String CONTAINER = "/balsa/locks/orders";
    private static final long BACKOFF_MILLIS = 5_000;

    private final ManualRuntime runtime = new ManualRuntime();
    private final FakeRequests requests = new FakeRequests();
    private final QueueNode node =
            new QueueNode(requests, runtime, new LockPaths(null, "/balsa/locks"), CONTAINER, new byte[] {1});

    private List<String> inQueue() {
        return requests.nodes().keySet().stream()
                .filter(path -> path.startsWith(CONTAINER + "/"))
                .toList();
    }

    @Test
    void isCreatedWithAllThatIsAboveIt() {
        Created created = node.create().join();
        assertThat(inQueue()).containsExactly(created.path());
        assertThat(created.path()).isEqualTo(CONTAINER + "/" + node.id() + "-0000000000");
        assertThat(created.token())
                .isEqualTo(requests.nodes().get(created.path()).zxid());
        assertThat(created.listed().join()).containsExactly(created.name());
        assertThat(node.remove()).isCompletedWithValue(true);
        assertThat(inQueue()).isEmpty();
    }

    @Test
    void isFoundAgainWhenItsAnswerWasLost() {
        requests.createPersistent("/balsa");
        requests.createPersistent("/balsa/locks");
        requests.createPersistent(CONTAINER);
        requests.creations(Fate.APPLIED_UNANSWERED);
        CompletableFuture<Created> created = node.create();
        assertThat(created).as("nobody can tell yet").isNotDone();
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(inQueue()).containsExactly(created.join().path());
        assertThat(requests.log()).as("looked for behind a sync").containsExactly("create", "sync");
    }

    @Test
    void isCreatedAgainWhenItDidNotArrive() {
        requests.creations(Fate.LOST, Fate.LOST);
        CompletableFuture<Created> created = node.create();
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(inQueue()).containsExactly(created.join().path());
    }

    @Test
    void isDeletedWhenNobodyWantsItAnyMoreBeforeItsAnswerComes() {
        node.create();
        QueueNode late =
                new QueueNode(requests, runtime, new LockPaths(null, "/balsa/locks"), CONTAINER, new byte[] {1});
        requests.creations(Fate.HELD_BACK);
        CompletableFuture<Created> created = late.create();
        CompletableFuture<Boolean> removed = late.remove();
        assertThat(removed).isNotDone();
        requests.letThrough();
        assertThat(created).isCompleted();
        assertThat(removed).isCompletedWithValue(true);
        assertThat(inQueue()).hasSize(1).allMatch(path -> path.contains(node.id()));
    }

    @Test
    void isLookedForAndDeletedWhenItsAnswerWasLostAndNobodyWantsIt() {
        node.create().join();
        QueueNode late =
                new QueueNode(requests, runtime, new LockPaths(null, "/balsa/locks"), CONTAINER, new byte[] {1});
        requests.creations(Fate.APPLIED_UNANSWERED);
        late.create();
        CompletableFuture<Boolean> removed = late.remove();
        assertThat(inQueue()).hasSize(2);
        requests.silence(true);
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(removed).as("as long as nobody answers").isNotDone();
        requests.silence(false);
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(removed).isCompletedWithValue(true);
        assertThat(inQueue()).hasSize(1).allMatch(path -> path.contains(node.id()));
        assertThat(runtime.pending()).isZero();
    }

    @Test
    void isDeletedUntilThatIsCertain() {
        node.create().join();
        requests.deletions(Fate.LOST, Fate.LOST, Fate.APPLIED_UNANSWERED);
        CompletableFuture<Boolean> removed = node.remove();
        assertThat(node.remove()).as("again").isSameAs(removed);
        assertThat(removed).isNotDone();
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(removed).as("by one of its own deletions").isCompletedWithValue(true);
        assertThat(inQueue()).isEmpty();
        assertThat(requests.log()).filteredOn("delete"::equals).hasSize(4);
    }

    @Test
    void somebodyElsesDeletionIsNotItsOwn() {
        requests.nodes().remove(node.create().join().path());
        assertThat(node.remove()).isCompletedWithValue(false);
    }

    @Test
    void goesWithItsSession() {
        node.create().join();
        requests.deletions(Fate.LOST);
        CompletableFuture<Boolean> removed = node.remove();
        requests.expire();
        runtime.advanceMillis(BACKOFF_MILLIS);
        assertThat(removed).isCompletedWithValue(false);
        QueueNode late =
                new QueueNode(requests, runtime, new LockPaths(null, "/balsa/locks"), CONTAINER, new byte[] {1});
        assertThat(late.create()).isCompletedExceptionally();
        assertThat(late.create().handle((created, failure) -> failure).join())
                .isInstanceOf(SessionExpiredException.class);
        assertThat(late.remove()).isCompletedWithValue(false);
        assertThat(runtime.pending()).isZero();
    }
}
