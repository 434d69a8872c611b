package io.balsa.lock.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class JdbcRowFenceTest {
    private final JdbcRowFence fence = JdbcRowFence.on("orders", "id", "fence_token");
    private TestDatabase database;

    @BeforeEach
    void createTable() throws SQLException {
        database = new TestDatabase();
        database.execute("CREATE TABLE orders (id BIGINT PRIMARY KEY, state VARCHAR(20), fence_token BIGINT)");
        database.execute("INSERT INTO orders VALUES (1, 'new', NULL), (2, 'new', 3)");
    }

    @AfterEach
    void dropAll() throws SQLException {
        database.close();
    }

    private void write(long id, long token, String state) throws SQLException {
        try (Connection connection = database.begin()) {
            try {
                fence.guard(connection, id, token);
                TestDatabase.execute(connection, "UPDATE orders SET state = '" + state + "' WHERE id = " + id);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    @Test
    @Tag("case-68")
    void anOlderTokenIsRefusedAfterANewerOneAndAnEqualOneIsNot() throws SQLException {
        write(1, 5, "paid");
        write(1, 9, "packed");
        write(1, 9, "sent");
        assertThatThrownBy(() -> write(1, 5, "cancelled"))
                .isInstanceOfSatisfying(StaleTokenException.class, refused -> {
                    assertThat(refused.resource()).isEqualTo("orders[1]");
                    assertThat(refused.newestToken()).isEqualTo(9);
                });
        assertThat(database.value("SELECT state FROM orders WHERE id = 1")).isEqualTo("sent");
        assertThat(database.value("SELECT fence_token FROM orders WHERE id = 1"))
                .isEqualTo(9L);
        assertThat(database.value("SELECT fence_token FROM orders WHERE id = 2"))
                .as("the other row")
                .isEqualTo(3L);
    }

    @Test
    void aRowThatIsNotThereCannotBeGuarded() {
        assertThatThrownBy(() -> write(7, 5, "paid"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no row of orders has the id '7'")
                .hasMessageContaining("JdbcFence");
    }

    @Test
    void aKeyThatNamesSeveralRowsIsRefused() throws SQLException {
        database.execute("INSERT INTO orders VALUES (3, 'new', NULL)");
        JdbcRowFence byState = JdbcRowFence.on("orders", "state", "fence_token");
        try (Connection connection = database.begin()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> byState.guard(connection, "new", 5))
                    .withMessageContaining("3 rows of orders");
        }
        assertThat(database.value("SELECT fence_token FROM orders WHERE id = 2"))
                .isEqualTo(3L);
    }

    @Test
    void aConnectionWithoutATransactionIsRefused() throws SQLException {
        try (Connection connection = database.getConnection()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> fence.guard(connection, 1L, 5))
                    .withMessageContaining("auto-commit");
        }
    }

    @Test
    void namesThatCouldSayMoreThanANameAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> JdbcRowFence.on("orders o", "id", "fence_token"));
        assertThatIllegalArgumentException().isThrownBy(() -> JdbcRowFence.on("orders", "o.id", "fence_token"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcRowFence.on("orders", "id", "state = 'x', fence_token"))
                .withMessageContaining("can't be the name of a column");
    }
}
