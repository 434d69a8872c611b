package io.balsa.lock.fencing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of this process, which is gone when it is closed. */
final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String url = "jdbc:h2:mem:fencing" + COUNT.incrementAndGet() + ";LOCK_TIMEOUT=60000";

    /** The database lives as long as this does. */
    private final Connection keeper = DriverManager.getConnection(url);

    TestDatabase() throws SQLException {}

    /** In auto-commit mode, as JDBC has it. */
    Connection getConnection() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** In a transaction. */
    Connection begin() throws SQLException {
        Connection connection = getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    void execute(String sql) throws SQLException {
        execute(keeper, sql);
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The only value of a query, among what is committed. */
    Object value(String sql) throws SQLException {
        return value(keeper, sql);
    }

    static Object value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getObject(1);
        }
    }

    @Override
    public void close() throws SQLException {
        keeper.close();
    }
}
