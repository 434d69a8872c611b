package io.balsa.lock.fencing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.NativeLock;
import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code docs/locks.md} shows of fences, with locks of real nodes: a holder is paused for longer than its lock lasts,
 * wakes up, and writes, knowing nothing of the next holder.
 */
class FencingExampleTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(1);

    private TestCluster cluster;
    private Session one;
    private Session two;
    private DistributedLock paused;
    private DistributedLock next;

    @BeforeEach
    void startNodes() {
        cluster = TestCluster.inMemory(3);
        cluster.awaitLeader();
        one = Session.connect(cluster.clientAddresses());
        two = Session.connect(cluster.clientAddresses());
        paused = NativeLock.on(one);
        next = NativeLock.on(two);
    }

    @AfterEach
    void endNodes() {
        paused.close();
        next.close();
        one.close();
        two.close();
        cluster.close();
    }

    @Test
    @Tag("case-68")
    void aDatabaseRefusesTheHolderThatWasPausedForLongerThanItsLock() throws SQLException {
        try (TestDatabase database = new TestDatabase()) {
            database.execute("CREATE TABLE orders (id BIGINT PRIMARY KEY, state VARCHAR(20))");
            database.execute("INSERT INTO orders VALUES (1, 'new')");
            JdbcFence fence = JdbcFence.inTable("balsa_fence");
            try (Connection connection = database.getConnection()) {
                fence.createTable(connection);
            }

            LockLease old = paused.acquire("orders", SHORT, LONG);
            save(database, fence, old, "paid");
            // Now its process is paused: nobody renews the lease, and who waits is granted the lock.
            LockLease current = next.acquire("orders", LONG, LONG);
            save(database, fence, current, "packed");
            save(database, fence, current, "sent");
            assertThatThrownBy(() -> save(database, fence, old, "cancelled"))
                    .isInstanceOfSatisfying(StaleTokenException.class, refused -> {
                        assertThat(refused.resource()).isEqualTo("orders");
                        assertThat(refused.token()).isEqualTo(old.token());
                        assertThat(refused.newestToken()).isEqualTo(current.token());
                    });
            assertThat(database.value("SELECT state FROM orders")).isEqualTo("sent");
        }
    }

    private static void save(TestDatabase database, JdbcFence fence, LockLease lease, String state)
            throws SQLException {
        // A database begins here.
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement update = connection.prepareStatement("UPDATE orders SET state = ? WHERE id = 1")) {
                fence.guard(connection, lease); // first of all; throws StaleTokenException if a later holder was here
                update.setString(1, state);
                update.executeUpdate();
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
        // A database ends here.
    }

    @Test
    @Tag("case-68")
    void aRowRefusesTheHolderThatWasPausedForLongerThanItsLock() throws SQLException {
        try (TestDatabase database = new TestDatabase()) {
            database.execute("CREATE TABLE orders (id BIGINT PRIMARY KEY, state VARCHAR(20))");
            database.execute("INSERT INTO orders VALUES (1, 'new')");
            database.execute("ALTER TABLE orders ADD fence_token BIGINT");

            LockLease old = paused.acquire("orders/1", SHORT, LONG);
            saveRow(database, old, "paid");
            LockLease current = next.acquire("orders/1", LONG, LONG);
            saveRow(database, current, "sent");
            assertThatThrownBy(() -> saveRow(database, old, "cancelled")).isInstanceOf(StaleTokenException.class);
            assertThat(database.value("SELECT state FROM orders")).isEqualTo("sent");
            assertThat(database.value("SELECT fence_token FROM orders")).isEqualTo(current.token());
        }
    }

    private static void saveRow(TestDatabase database, LockLease lease, String state) throws SQLException {
        try (Connection connection = database.begin()) {
            try (PreparedStatement update = connection.prepareStatement("UPDATE orders SET state = ? WHERE id = 1")) {
                // A row begins here.
                JdbcRowFence fence = JdbcRowFence.on("orders", "id", "fence_token");
                fence.guard(connection, 1L, lease);
                // A row ends here.
                update.setString(1, state);
                update.executeUpdate();
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    @Test
    @Tag("case-68")
    void aFileRefusesTheHolderThatWasPausedForLongerThanItsLock(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("state.json");
        byte[] content = "{\"state\": \"paid\"}".getBytes(UTF_8);
        LockLease old = paused.acquire("state", SHORT, LONG);
        LockLease lease = old;
        // A file begins here.
        FileFence fence = FileFence.of(file); // beside it come state.json.fence and state.json.fence.lock
        fence.write(lease, content); // throws StaleTokenException if a later holder was here

        fence.guard(lease, guarded -> {
            byte[] before = guarded.read().orElse(new byte[0]);
            guarded.replace(next(before)); // what follows from what the file has
            return null;
        });
        // A file ends here.

        LockLease current = next.acquire("state", LONG, LONG);
        // The next holder works in another process, so with a fence of its own.
        FileFence.of(file).guard(current, guarded -> {
            guarded.append("\n{\"state\": \"sent\"}".getBytes(UTF_8));
            return null;
        });
        assertThatThrownBy(() -> fence.write(old, "{\"state\": \"cancelled\"}".getBytes(UTF_8)))
                .isInstanceOfSatisfying(StaleTokenException.class, refused -> {
                    assertThat(refused.token()).isEqualTo(old.token());
                    assertThat(refused.newestToken()).isEqualTo(current.token());
                });
        assertThat(file).hasContent("{\"state\": \"packed\"}\n{\"state\": \"sent\"}");
    }

    private static byte[] next(byte[] before) {
        return new String(before, UTF_8).replace("paid", "packed").getBytes(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A database", "A row", "A file"})
    void theExamplesOfTheDocumentAreThoseThatRun(String example) throws IOException {
        List<String> source =
                Files.readAllLines(Path.of("src/test/java/io/balsa/lock/fencing/FencingExampleTest.java"));
        List<String> stripped = source.stream().map(String::strip).toList();
        int begin = stripped.indexOf("// " + example + " begins here.");
        int end = stripped.indexOf("// " + example + " ends here.");
        int indent = source.get(begin).indexOf("//");
        List<String> lines = source.subList(begin + 1, end).stream()
                .map(line -> line.isEmpty() ? line : line.substring(indent))
                .toList();
        assertThat(lines).isNotEmpty();
        assertThat(Files.readAllLines(Path.of("../docs/locks.md"))).containsSequence(lines);
    }

    @Test
    void theTablesOfTheDocumentAreThoseThatAreMade() throws IOException, SQLException {
        String document = Files.readString(Path.of("../docs/locks.md"));
        String create =
                "CREATE TABLE balsa_fence (resource_name VARCHAR(512) NOT NULL PRIMARY KEY, newest_token BIGINT NOT NULL)";
        String alter = "ALTER TABLE orders ADD fence_token BIGINT";
        assertThat(document).contains(create, alter);
        try (TestDatabase database = new TestDatabase();
                Connection connection = database.begin()) {
            database.execute(create);
            JdbcFence.inTable("balsa_fence").guard(connection, "by hand", 1);
            connection.commit();
            assertThat(database.value("SELECT newest_token FROM balsa_fence")).isEqualTo(1L);
        }
    }
}
