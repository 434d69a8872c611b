package io.balsa.lock.fencing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The statements on a row that keeps the newest token: in standard SQL, with every value a parameter and every name checked.
 *
 * @param table its table
 * @param keyColumn the unique column by which it is found
 * @param tokenColumn the column with the newest token
 */
record FencedRow(String table, String keyColumn, String tokenColumn) {
    /** More are never needed where each statement sees what others have committed. */
    private static final int ATTEMPTS = 3;

    /** SQL's "serialization failure", by which applications know that a transaction may be tried again. */
    private static final String SERIALIZATION_FAILURE = "40001";

    private static final String NAME = "[A-Za-z_][A-Za-z0-9_]{0,127}";
    private static final Pattern COLUMN = Pattern.compile(NAME);
    private static final Pattern TABLE = Pattern.compile(NAME + "(\\." + NAME + "){0,2}");

    /** Makes the row when it is not there. */
    interface Insertion {
        /** Returns whether it was made; false when another was quicker. */
        boolean insert() throws SQLException;
    }

    FencedRow {
        check(TABLE, "table", table);
        check(COLUMN, "column", keyColumn);
        check(COLUMN, "column", tokenColumn);
    }

    private static void check(Pattern pattern, String what, String name) {
        Objects.requireNonNull(name, what);
        if (!pattern.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' can't be the name of a " + what
                    + ": use letters, digits and _, not beginning with a digit"
                    + (pattern == TABLE ? ", after schema. where needed" : "")
                    + "; names that need quotes are not supported");
        }
    }

    /**
     * Advances the row to a token, and by that locks it until the transaction ends.
     *
     * @param resource what the row stands for, for messages
     * @param key of the row, of a type that the driver takes for its column
     * @param missing what to do when there is no such row
     * @throws StaleTokenException if the row has a newer token
     */
    void advance(Connection connection, String resource, Object key, long token, Insertion missing)
            throws SQLException {
        Tokens.check(token);
        requireTransaction(connection);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (update(connection, key, token)) {
                return;
            }
            Long newest = newest(connection, key);
            if (newest == null) {
                if (missing.insert()) {
                    return;
                }
            } else if (newest > token) {
                throw new StaleTokenException(resource, token, newest);
            }
            // Made by another between the two statements: it must be looked at again.
        }
        // Never accepted for what the transaction merely sees: it may see an old state, in which this token is the
        // newest.
        throw new SQLTransactionRollbackException(
                "the fence of '" + resource + "' in " + table + " does not look the same to two statements: the"
                        + " transaction sees an older state than it would change; roll back and begin it anew, best at READ"
                        + " COMMITTED (and let the driver count the rows that an UPDATE matches, as they do by default)",
                SERIALIZATION_FAILURE);
    }

    /** Without one, the row's lock would end with its own statement, and an older holder could write after a newer one. */
    private static void requireTransaction(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "the connection is in auto-commit mode, in which the fence and the write that it"
                            + " guards would not be one transaction: call setAutoCommit(false) before, and commit after the write");
        }
        int isolation = connection.getTransactionIsolation();
        if (isolation == Connection.TRANSACTION_NONE) {
            throw new IllegalStateException(
                    "the connection has no transactions (TRANSACTION_NONE), so nothing can be fenced;"
                            + " use one with READ COMMITTED or stricter isolation");
        }
        // There, a select may also see rows which an update then misses.
        if (isolation == Connection.TRANSACTION_READ_UNCOMMITTED) {
            throw new IllegalStateException(
                    "the connection is at READ UNCOMMITTED, where a token would be refused for one that is never"
                            + " committed: call setTransactionIsolation with READ COMMITTED or stricter");
        }
    }

    private boolean update(Connection connection, Object key, long token) throws SQLException {
        String sql = "UPDATE " + table + " SET " + tokenColumn + " = ? WHERE " + keyColumn + " = ? AND (" + tokenColumn
                + " IS NULL OR " + tokenColumn + " <= ?)";
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, token);
            update.setObject(2, key);
            update.setLong(3, token);
            int rows = update.executeUpdate();
            if (rows > 1) {
                throw new IllegalStateException(rows + " rows of " + table + " have the " + keyColumn + " '" + key
                        + "', but a fence is one row; roll back, and make that column unique");
            }
            return rows == 1;
        }
    }

    /** @return null when there is no such row; less than every token when it has none yet */
    private Long newest(Connection connection, Object key) throws SQLException {
        String sql = "SELECT " + tokenColumn + " FROM " + table + " WHERE " + keyColumn + " = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setObject(1, key);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                long newest = rows.getLong(1);
                return rows.wasNull() ? -1 : newest;
            }
        }
    }
}
