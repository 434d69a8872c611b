package io.balsa.lock.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcFenceTest {
    private static final String RESOURCE = "orders";
    private static final String CONTENT = "SELECT content FROM protected";

    private final JdbcFence fence = JdbcFence.inTable("balsa_fence");
    private TestDatabase database;

    @BeforeEach
    void createTables() throws SQLException {
        database = new TestDatabase();
        try (Connection connection = database.getConnection()) {
            fence.createTable(connection);
        }
        database.execute("CREATE TABLE protected (content VARCHAR(100), written_by BIGINT)");
        database.execute("INSERT INTO protected VALUES ('nothing', 0)");
    }

    @AfterEach
    void dropAll() throws SQLException {
        database.close();
    }

    /** As an application does. */
    private void write(long token, String content) throws SQLException {
        try (Connection connection = database.begin()) {
            try {
                fence.guard(connection, RESOURCE, token);
                setContent(connection, token, content);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private static void setContent(Connection connection, long token, String content) throws SQLException {
        TestDatabase.execute(connection, "UPDATE protected SET content = '" + content + "', written_by = " + token);
    }

    private Object newest() throws SQLException {
        return database.value("SELECT newest_token FROM balsa_fence WHERE resource_name = 'orders'");
    }

    @Test
    @Tag("case-68")
    void anOlderTokenIsRefusedAfterANewerOneAndAnEqualOneIsNot() throws SQLException {
        write(5, "first");
        write(5, "again under the same lease");
        write(9, "by the next holder");
        write(9, "again by the next");

        assertThatThrownBy(() -> write(5, "late"))
                .isInstanceOfSatisfying(StaleTokenException.class, refused -> {
                    assertThat(refused.resource()).isEqualTo(RESOURCE);
                    assertThat(refused.token()).isEqualTo(5);
                    assertThat(refused.newestToken()).isEqualTo(9);
                })
                .hasMessageContaining("'orders'")
                .hasMessageContaining("token 5")
                .hasMessageContaining("9 has been there");
        assertThat(database.value(CONTENT)).isEqualTo("again by the next");
        assertThat(newest()).isEqualTo(9L);
    }

    @Test
    void resourcesDoNotKnowOfEachOther() throws SQLException {
        write(9, "by another");
        try (Connection connection = database.begin()) {
            fence.guard(connection, "Orders", 0);
            fence.guard(connection, "x'; DROP TABLE protected; --", 1);
            connection.commit();
        }
        assertThat(database.value("SELECT COUNT(*) FROM balsa_fence")).isEqualTo(3L);
        assertThat(database.value(CONTENT)).isEqualTo("by another");
    }

    @Test
    void aTokenWhoseTransactionWasRolledBackHasNotBeenThere() throws SQLException {
        write(5, "kept");
        try (Connection connection = database.begin()) {
            fence.guard(connection, RESOURCE, 9);
            setContent(connection, 9, "taken back");
            connection.rollback();
        }
        write(6, "by one between");
        assertThat(newest()).isEqualTo(6L);
        assertThat(database.value(CONTENT)).isEqualTo("by one between");
    }

    @Test
    void whatWasRefusedLeavesTheTransactionUsable() throws SQLException {
        write(9, "by the newest");
        try (Connection connection = database.begin()) {
            assertThatThrownBy(() -> fence.guard(connection, RESOURCE, 5)).isInstanceOf(StaleTokenException.class);
            fence.guard(connection, "customers", 5);
            connection.commit();
        }
        assertThat(newest()).isEqualTo(9L);
    }

    @Test
    void connectionsWithoutATransactionAreRefused() throws SQLException {
        try (Connection connection = database.getConnection()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> fence.guard(connection, RESOURCE, 5))
                    .withMessageContaining("setAutoCommit(false)");
            Connection without = answering(connection, "getTransactionIsolation", Connection.TRANSACTION_NONE);
            connection.setAutoCommit(false);
            assertThatIllegalStateException()
                    .isThrownBy(() -> fence.guard(without, RESOURCE, 5))
                    .withMessageContaining("TRANSACTION_NONE");
        }
        assertThat(database.value("SELECT COUNT(*) FROM balsa_fence")).isEqualTo(0L);
    }

    @Test
    void transactionsThatSeeWhatIsNotCommittedAreRefused() throws SQLException {
        try (Connection connection = database.begin()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
            assertThatIllegalStateException()
                    .isThrownBy(() -> fence.guard(connection, RESOURCE, 5))
                    .withMessageContainingAll("READ UNCOMMITTED", "setTransactionIsolation");
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            fence.guard(connection, RESOURCE, 5);
            connection.commit();
        }
        assertThat(newest()).isEqualTo(5L);
    }

    @Test
    void whatCanBeNoTokenOrResourceIsRefused() throws SQLException {
        try (Connection connection = database.begin()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fence.guard(connection, RESOURCE, -1))
                    .withMessageContaining("-1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fence.guard(connection, "", 1))
                    .withMessageContaining("1 to 512 characters");
            assertThatIllegalArgumentException().isThrownBy(() -> fence.guard(connection, "x".repeat(513), 1));
            fence.guard(connection, "x".repeat(512), 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1st", "a b", "a;b", "a\"b", "a.b.c.d", ".a", "a.", "f--", "f\n", "große"})
    void namesThatCouldSayMoreThanANameAreRefused(String table) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcFence.inTable(table))
                .withMessageContaining("can't be the name of a table");
    }

    @Test
    void theTableIsMadeOnceAndWhereItIsSaid() throws SQLException {
        database.execute("CREATE SCHEMA shop");
        JdbcFence elsewhere = JdbcFence.inTable("shop.fence_1");
        try (Connection connection = database.getConnection()) {
            elsewhere.createTable(connection);
            elsewhere.createTable(connection);
            connection.setAutoCommit(false);
            elsewhere.guard(connection, RESOURCE, 5);
            connection.commit();
            assertThatIllegalStateException()
                    .isThrownBy(() -> fence.createTable(connection))
                    .withMessageContaining("auto-commit");
        }
        assertThat(database.value("SELECT newest_token FROM shop.fence_1")).isEqualTo(5L);
        try (Connection connection = database.getConnection()) {
            assertThatThrownBy(() -> JdbcFence.inTable("nowhere.fence").createTable(connection))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContainingAll("Schema", "NOWHERE");
        }
    }

    @Test
    void whatTheDatabaseSaysOfAMissingTableIsNotHidden() throws SQLException {
        try (Connection connection = database.begin()) {
            assertThatThrownBy(() -> JdbcFence.inTable("forgotten").guard(connection, RESOURCE, 5))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("FORGOTTEN");
        }
    }

    /** One has inserted the row and not committed yet; another found none and is about to insert it too. */
    @ParameterizedTest
    @ValueSource(longs = {3, 5, 7})
    void twoThatMakeTheRowAtOnceBothCount(long second) throws Exception {
        CountDownLatch inserting = new CountDownLatch(1);
        FutureTask<Void> other = new FutureTask<>(() -> {
            try (Connection connection = database.begin()) {
                fence.guard(calling(inserting::countDown, "setSavepoint", connection), RESOURCE, second);
                setContent(connection, second, "by the second");
                connection.commit();
            }
            return null;
        });
        try (Connection first = database.begin()) {
            fence.guard(first, RESOURCE, 5);
            new Thread(other, "second").start();
            assertThat(inserting.await(60, TimeUnit.SECONDS)).isTrue();
            setContent(first, 5, "by the first");
            first.commit();
        }
        Throwable failure = catchThrowable(() -> other.get(60, TimeUnit.SECONDS));
        if (second < 5) {
            assertThat(failure).hasCauseInstanceOf(StaleTokenException.class);
        } else {
            assertThat(failure).isNull();
        }
        assertThat(newest()).isEqualTo(Math.max(second, 5));
        assertThat(database.value(CONTENT)).isEqualTo(second < 5 ? "by the first" : "by the second");
    }

    /** A driver that counts only rows that have changed; a database that shows a transaction what was when it began. */
    @Test
    void whatTheTransactionSeesIsNotTrustedWhereTheUpdateSaysOtherwise() throws SQLException {
        write(5, "kept");
        try (Connection connection = database.begin()) {
            assertThatThrownBy(() -> fence.guard(updatingNothing(connection), RESOURCE, 5))
                    .isInstanceOf(SQLTransactionRollbackException.class)
                    .hasMessageContaining("READ COMMITTED")
                    .extracting(failure -> ((SQLException) failure).getSQLState())
                    .isEqualTo("40001");
        }
    }

    /** The row is there, but the transaction can't see it, as where it began before that was made. */
    @Test
    void aRowThatCannotBeSeenIsNeitherMadeTwiceNorPassed() throws SQLException {
        write(9, "kept");
        try (Connection connection = database.begin()) {
            assertThatThrownBy(() -> fence.guard(blind(connection), RESOURCE, 10))
                    .isInstanceOf(SQLTransactionRollbackException.class);
            connection.commit();
        }
        assertThat(newest()).isEqualTo(9L);
    }

    /**
     * Holders write as often as they can, each with its own token. None overwrites what a newer one wrote, and the newest has
     * the last word.
     */
    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_SERIALIZABLE
            })
    void theNewestHasTheLastWordAtEachIsolation(int isolation) throws Exception {
        int holders = 6;
        CountDownLatch begin = new CountDownLatch(1);
        List<FutureTask<Integer>> results = new ArrayList<>();
        for (int token = 1; token <= holders; token++) {
            long own = token;
            FutureTask<Integer> holder = new FutureTask<>(() -> {
                begin.await();
                return writeUntilRefused(isolation, own);
            });
            results.add(holder);
            new Thread(holder, "holder-" + token).start();
        }
        begin.countDown();
        for (FutureTask<Integer> result : results) {
            result.get(120, TimeUnit.SECONDS);
        }
        assertThat(results.get(holders - 1).get()).as("writes of the newest").isEqualTo(WRITES);
        assertThat(database.value("SELECT written_by FROM protected")).isEqualTo((long) holders);
        assertThat(newest()).isEqualTo((long) holders);
    }

    private static final int WRITES = 25;

    /** @return how many writes were accepted */
    private int writeUntilRefused(int isolation, long token) throws SQLException {
        int accepted = 0;
        try (Connection connection = database.begin()) {
            connection.setTransactionIsolation(isolation);
            while (accepted < WRITES) {
                try {
                    fence.guard(connection, RESOURCE, token);
                    assertThat((long) TestDatabase.value(connection, "SELECT written_by FROM protected"))
                            .isLessThanOrEqualTo(token);
                    setContent(connection, token, "write " + accepted);
                    connection.commit();
                    accepted++;
                } catch (StaleTokenException refused) {
                    connection.rollback();
                    return accepted;
                } catch (SQLException conflict) {
                    // At strict isolation, transactions that meet each other are to be tried again.
                    connection.rollback();
                    if (isolation == Connection.TRANSACTION_READ_COMMITTED) {
                        throw conflict;
                    }
                }
            }
        }
        return accepted;
    }

    @Test
    void aNewerHolderWaitsForTheTransactionOfAnOlderOne() throws Exception {
        write(1, "before");
        FutureTask<Void> other = new FutureTask<>(() -> {
            write(7, "by the newer");
            return null;
        });
        try (Connection older = database.begin()) {
            fence.guard(older, RESOURCE, 5);
            Thread thread = new Thread(other, "newer");
            thread.start();
            Awaitility.await("the newer waits for the older")
                    .until(() -> thread.getState() == Thread.State.TIMED_WAITING
                            || thread.getState() == Thread.State.WAITING);
            assertThat(other).isNotDone();
            setContent(older, 5, "by the older");
            older.commit();
        }
        assertThatCode(() -> other.get(60, TimeUnit.SECONDS)).doesNotThrowAnyException();
        assertThat(database.value(CONTENT)).isEqualTo("by the newer");
    }

    private static Connection answering(Connection connection, String method, Object answer) {
        return proxy(Connection.class, connection, method, answer);
    }

    private static Connection calling(Runnable listener, String name, Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                JdbcFenceTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    if (method.getName().equals(name)) {
                        listener.run();
                    }
                    return invoke(connection, method, arguments);
                });
    }

    /** Lets no statement see a row, except that an INSERT is refused where there is one. */
    private static Connection blind(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                JdbcFenceTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    boolean sees = method.getName().equals("prepareStatement")
                            && !arguments[0].toString().startsWith("INSERT");
                    return invoke(connection, method, sees ? new Object[] {arguments[0] + " AND 1 = 0"} : arguments);
                });
    }

    private static Connection updatingNothing(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                JdbcFenceTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    Object result = invoke(connection, method, arguments);
                    return result instanceof PreparedStatement statement
                            ? proxy(PreparedStatement.class, statement, "executeUpdate", 0)
                            : result;
                });
    }

    private static <T> T proxy(Class<T> type, T target, String name, Object answer) {
        return type.cast(Proxy.newProxyInstance(
                JdbcFenceTest.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) ->
                        method.getName().equals(name) ? answer : invoke(target, method, arguments)));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
