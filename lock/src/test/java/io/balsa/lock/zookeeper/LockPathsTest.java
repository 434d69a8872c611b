package io.balsa.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.zookeeper.common.PathUtils;
import org.junit.jupiter.api.Test;

class LockPathsTest {
    private final LockPaths paths = new LockPaths("shop", "/balsa/locks");

    @Test
    void areBelowNamespaceAndRoot() {
        assertThat(paths.root()).isEqualTo("/shop/balsa/locks");
        assertThat(paths.rootAndAbove()).containsExactly("/shop", "/shop/balsa", "/shop/balsa/locks");
        assertThat(new LockPaths("", "/locks").rootAndAbove()).containsExactly("/locks");
        assertThat(paths.container("orders-7.b_C")).isEqualTo("/shop/balsa/locks/orders-7.b_C");
    }

    @Test
    void differAndAreValidWhateverTheKey() {
        List<String> keys = List.of(
                "a/b", "a%2Fb", "a%b", ".", "..", "...", "%2E", "über", "\u0001", "😀", "a b", "\uf8ff", "zookeeper");
        List<String> all = keys.stream().map(paths::container).toList();
        assertThat(all).doesNotHaveDuplicates().allSatisfy(PathUtils::validatePath);
        assertThat(all).allMatch(path -> path.lastIndexOf('/') == "/shop/balsa/locks".length());
    }

    @Test
    void refuseWhatNoNodeCanBeNamed() {
        assertThatThrownBy(() -> paths.container("ü".repeat(200)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit is 1000");
        assertThatThrownBy(() -> paths.container("a\ud83d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("surrogate");
    }

    @Test
    void aQueueIsOrderedByNumberWhateverTheIds() {
        String late = "00000000-0000-0000-0000-000000000000-0000000010";
        String early = "ffffffff-ffff-ffff-ffff-ffffffffffff-0000000009";
        assertThat(QueueEntry.queue(List.of(late, "other", "ffffffff-ffff-ffff-ffff-ffffffffffff-x", early)))
                .extracting(QueueEntry::name)
                .containsExactly(early, late);
    }

    @Test
    void numbersThatComeToTheirEndAreNoticed() {
        String prefix = QueueEntry.prefix(QueueEntry.newId());
        assertThat(QueueEntry.parse(prefix + "2140000000").orElseThrow().isNearTheEnd())
                .isFalse();
        assertThat(QueueEntry.parse(prefix + "2147483647").orElseThrow().isNearTheEnd())
                .isTrue();
        assertThat(QueueEntry.parse(prefix + "-2147483648").orElseThrow().isNearTheEnd())
                .isTrue();
    }

    @Test
    void optionsNameWhatIsWrong() {
        ZooKeeperLockOptions options = ZooKeeperLockOptions.defaults();
        Stream.of("/", "/zookeeper/locks", "locks", "/locks/")
                .forEach(root ->
                        assertThatThrownBy(() -> options.withRoot(root)).isInstanceOf(IllegalArgumentException.class));
        assertThatThrownBy(() -> options.withRequestTimeout(Duration.ZERO)).hasMessageContaining("request timeout");
        assertThatThrownBy(() -> options.withSessionTimeout(Duration.ofDays(100)))
                .hasMessageContaining("session timeout");
        assertThatThrownBy(() -> options.withOwner("")).hasMessageContaining("owner");
        assertThatThrownBy(() -> options.withAcl(List.of())).hasMessageContaining("access control");
        assertThatThrownBy(() -> ZooKeeperLock.connect(" ")).hasMessageContaining("host1:2181");
    }
}
