package io.balsa.lock.fencing;

import io.balsa.lock.LockLease;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Guards rows of an application's own table, each by a column in the row itself that keeps its newest token.
 *
 * <p>For where the lock protects one row: no other table is needed, and who reads the row sees who wrote it last. As with
 * {@link JdbcFence}, of which all else is true here too, {@link #guard} comes first in the transaction and locks the row until
 * it ends. The column is of an integer type of 64 bits; it may be null for rows that nobody has guarded yet:
 *
 * <pre>ALTER TABLE orders ADD fence_token BIGINT</pre>
 *
 * <p>Thread-safe; the connections that it is given need not be.
 */
public final class JdbcRowFence {
    private final FencedRow row;

    private JdbcRowFence(FencedRow row) {
        this.row = row;
    }

    /**
     * A fence for the rows of a table. Names are of letters, digits and {@code _}, without quotes.
     *
     * @param table after its schema and a dot where needed
     * @param keyColumn by which a row is found: a primary key of one column, or another that is unique
     * @param tokenColumn which keeps the newest token; nothing else writes it
     * @throws IllegalArgumentException if one is no such name
     */
    public static JdbcRowFence on(String table, String keyColumn, String tokenColumn) {
        return new JdbcRowFence(new FencedRow(table, keyColumn, tokenColumn));
    }

    /**
     * Lets a transaction go on only if the row has no newer token. When this throws, roll the transaction back.
     *
     * @param connection in a transaction, which the writes that are guarded belong to
     * @param key of the row, of the type that the driver wants for the column
     * @param token of the lock that protects the row; zero or larger
     * @throws StaleTokenException if the row has a newer token
     * @throws NoSuchElementException if there is no such row
     * @throws IllegalStateException if the connection is in auto-commit mode, has no transactions, or is at READ UNCOMMITTED
     * @throws SQLException if the database fails; with the SQL state 40001 the whole transaction may be tried again
     */
    public void guard(Connection connection, Object key, long token) throws SQLException {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(key, "key");
        row.advance(connection, row.table() + "[" + key + "]", key, token, () -> {
            throw new NoSuchElementException("no row of " + row.table() + " has the " + row.keyColumn() + " '" + key
                    + "', so there is nothing to guard; a row that is still to be inserted is guarded by a JdbcFence");
        });
    }

    /**
     * Like {@link #guard(Connection, Object, long)}, with the token of a lease. A lease that is not valid any more may try:
     * not its holder's clock decides, but whether a later holder has been there.
     */
    public void guard(Connection connection, Object key, LockLease lease) throws SQLException {
        guard(connection, key, lease.token());
    }
}
