package io.balsa.lock.fencing;

import io.balsa.lock.LockLease;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Objects;

/**
 * Guards what a transaction writes to a database, by a table that keeps the newest token of each resource.
 *
 * <p>{@link #guard} comes first in the transaction, before it reads what its writes depend on. It advances the resource's row,
 * or refuses the token; the row stays locked until the transaction ends. So of two holders, the older one's transaction either
 * ends before the newer one's begins its work, or is refused. Of one lease there can be many transactions: equal tokens are
 * accepted. A transaction that only reads should be guarded too, when something is decided by it: after its commit, nothing
 * older can change what it has read.
 *
 * <p>The table is made once, by {@link #createTable} or by the like of this (Oracle: {@code NUMBER(19)} for {@code BIGINT}):
 *
 * <pre>CREATE TABLE balsa_fence (resource_name VARCHAR(512) NOT NULL PRIMARY KEY, newest_token BIGINT NOT NULL)</pre>
 *
 * <p>Works with any database of standard SQL that has transactions with row or table locks, and savepoints. It needs READ
 * COMMITTED or stricter isolation. At a stricter one, databases that keep versions fail transactions which meet each other, with
 * the SQL state 40001 or an error of their own: they are rolled back and tried again as always there. How long a guard waits
 * for another's transaction is the database's lock timeout.
 *
 * <p>Two resources whose names the column's collation holds for equal share a fence: use one that tells case apart, or names that
 * differ in more. Rows are never deleted: whoever deletes one lets all older tokens in again.
 *
 * <p>Thread-safe; the connections that it is given need not be.
 */
public final class JdbcFence {
    /** The longest name of a resource in characters, as many as the longest key of a lock has bytes by default. */
    public static final int MAX_RESOURCE_LENGTH = 512;

    private static final String KEY_COLUMN = "resource_name";
    private static final String TOKEN_COLUMN = "newest_token";

    /** SQL's class of states for integrity constraints, of which a duplicate key is one. */
    private static final String CONSTRAINT_VIOLATION = "23";

    private final FencedRow row;

    private JdbcFence(FencedRow row) {
        this.row = row;
    }

    /**
     * A fence that keeps its tokens in a table. All who write the same resources must name the same.
     *
     * @param table of letters, digits and {@code _}, after its schema and a dot where needed, without quotes
     * @throws IllegalArgumentException if that is no such name
     */
    public static JdbcFence inTable(String table) {
        return new JdbcFence(new FencedRow(table, KEY_COLUMN, TOKEN_COLUMN));
    }

    /**
     * Makes the table unless it is there.
     *
     * @param connection in auto-commit mode, since many databases end a transaction when a table is made
     * @throws IllegalStateException if it is in a transaction
     * @throws SQLException if the table can't be made
     */
    public void createTable(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalStateException("the connection is in a transaction, which making the table " + row.table()
                    + " may commit: use one in auto-commit mode");
        }
        if (isThere(connection)) {
            return;
        }
        try (Statement create = connection.createStatement()) {
            create.executeUpdate("CREATE TABLE " + row.table() + " (" + KEY_COLUMN + " VARCHAR(" + MAX_RESOURCE_LENGTH
                    + ") NOT NULL PRIMARY KEY, " + TOKEN_COLUMN + " BIGINT NOT NULL)");
        } catch (SQLException e) {
            // Another may have made it meanwhile.
            if (!isThere(connection)) {
                throw e;
            }
        }
    }

    /** Asks the table itself: in the catalogue, databases fold the case of its name in ways of their own. */
    private boolean isThere(Connection connection) {
        String sql = "SELECT " + KEY_COLUMN + ", " + TOKEN_COLUMN + " FROM " + row.table() + " WHERE 1 = 0";
        try (Statement probe = connection.createStatement()) {
            probe.executeQuery(sql).close();
            return true;
        } catch (SQLException missing) {
            return false;
        }
    }

    /**
     * Lets a transaction go on only if no newer token has been there. When this throws, roll the transaction back.
     *
     * @param connection in a transaction, which the writes that are guarded belong to
     * @param resource a name for what is guarded, of at most {@link #MAX_RESOURCE_LENGTH} characters
     * @param token of the lock that protects it; zero or larger
     * @throws StaleTokenException if a newer token has been there
     * @throws IllegalStateException if the connection is in auto-commit mode, has no transactions, or is at READ UNCOMMITTED
     * @throws SQLException if the database fails; with the SQL state 40001 the whole transaction may be tried again
     */
    public void guard(Connection connection, String resource, long token) throws SQLException {
        Objects.requireNonNull(connection, "connection");
        if (resource.isEmpty() || resource.length() > MAX_RESOURCE_LENGTH) {
            throw new IllegalArgumentException("the name of a resource has 1 to " + MAX_RESOURCE_LENGTH
                    + " characters, this one has " + resource.length());
        }
        row.advance(connection, resource, resource, token, () -> insert(connection, resource, token));
    }

    /**
     * Like {@link #guard(Connection, String, long)}, with the lock's key as the resource and the token of the lease. A lease
     * that is not valid any more may try: not its holder's clock decides, but whether a later holder has been there.
     */
    public void guard(Connection connection, LockLease lease) throws SQLException {
        guard(connection, lease.key(), lease.token());
    }

    /** Makes the row. Two may try at once: the key lets one through, and the other goes on from what that one wrote. */
    private boolean insert(Connection connection, String resource, long token) throws SQLException {
        // Some databases take nothing more in a transaction of which a statement failed, but for going back.
        Savepoint before = connection.setSavepoint();
        String sql = "INSERT INTO " + row.table() + " (" + KEY_COLUMN + ", " + TOKEN_COLUMN + ") VALUES (?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, resource);
            insert.setLong(2, token);
            insert.executeUpdate();
            return true;
        } catch (SQLException e) {
            if (e.getSQLState() == null || !e.getSQLState().startsWith(CONSTRAINT_VIOLATION)) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }
}
