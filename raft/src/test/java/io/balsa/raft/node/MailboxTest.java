package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("case-88")
class MailboxTest {
    private final Mailbox<String> mailbox = new Mailbox<>(16, 100, String::length, new Wakeup());

    @Test
    void isBoundedInCount() {
        for (int i = 0; i < 16; i++) {
            assertThat(mailbox.offer("a")).isTrue();
        }
        assertThat(mailbox.offer("b")).isFalse();
        assertThat(mailbox.poll()).isEqualTo("a");
        assertThat(mailbox.offer("c")).isTrue();
    }

    @Test
    void isBoundedInBytes() {
        assertThat(mailbox.offer("a".repeat(60))).isTrue();
        assertThat(mailbox.offer("b".repeat(60))).isFalse();
        assertThat(mailbox.offer("c".repeat(40))).isTrue();
        assertThat(mailbox.offer("d")).isFalse();
        assertThat(mailbox.poll()).startsWith("a");
        assertThat(mailbox.offer("b".repeat(60))).isTrue();
        assertThat(mailbox.poll()).startsWith("c");
        assertThat(mailbox.poll()).startsWith("b");
        assertThat(mailbox.poll()).isNull();
    }
}
