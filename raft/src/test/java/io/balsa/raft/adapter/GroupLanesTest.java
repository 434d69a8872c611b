package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupLanesTest {
    private static final NodeId A = NodeId.of("a");
    private static final NodeId B = NodeId.of("b");

    private static Message small(long number) {
        return new Message.AppendEntriesAccepted(A, B, 1, number, 0, 0);
    }

    private static Message ofBytes(int bytes) {
        LogEntry entry = new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[bytes]);
        return new Message.AppendEntries(A, B, 1, 0, 0, List.of(entry), 0, 0, 0);
    }

    private static int fill(GroupLanes lanes, String group, Message message) {
        int taken = 0;
        while (lanes.offer(group, message)) {
            taken++;
        }
        return taken;
    }

    private static List<GroupLanes.Waiting> drain(GroupLanes lanes) {
        List<GroupLanes.Waiting> all = new ArrayList<>();
        for (GroupLanes.Waiting next = lanes.poll(); next != null; next = lanes.poll()) {
            all.add(next);
        }
        return all;
    }

    @Test
    void aGroupAloneHasAllTheRoom() {
        assertThat(fill(new GroupLanes(100, 1 << 20), "only", small(1))).isEqualTo(100);
        GroupLanes lanes = new GroupLanes(100, 1 << 20);
        int taken = fill(lanes, "only", ofBytes(100_000));
        assertThat(taken).isEqualTo(10);
        assertThat(lanes.bytes()).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void aMessageThatIsLargerThanAllTheRoomGoesAlone() {
        GroupLanes lanes = new GroupLanes(100, 1_000);
        assertThat(fill(lanes, "only", ofBytes(5_000))).isEqualTo(1);
        assertThat(lanes.poll()).isNotNull();
        assertThat(lanes.isEmpty()).isTrue();
    }

    @Test
    void floodsLeaveRoomForThoseWhoComeLater() {
        GroupLanes lanes = new GroupLanes(1024, 1 << 20);
        assertThat(lanes.offer("late", small(0))).isTrue();
        assertThat(lanes.poll()).isNotNull();
        int first = fill(lanes, "first", ofBytes(10_000));
        int second = fill(lanes, "second", ofBytes(10_000));
        int third = fill(lanes, "third", ofBytes(10_000));
        assertThat(first).isBetween(45, 55);
        assertThat(second).isBetween(20, 30);
        assertThat(third).isBetween(8, 15);
        assertThat(lanes.offer("late", ofBytes(10_000))).isTrue();
        assertThat(lanes.bytes()).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void aHeartbeatFindsRoomHoweverManyFlood() {
        GroupLanes lanes = new GroupLanes(64, 1 << 20);
        for (int group = 0; group < 20; group++) {
            fill(lanes, "flood-" + group, small(group));
        }
        for (int group = 0; group < 50; group++) {
            assertThat(lanes.offer("calm-" + group, small(group))).isTrue();
        }
        assertThat(fill(lanes, "calm-0", small(1))).isZero();
    }

    @Test
    void groupsTakeTurnsAndEachKeepsItsOrder() {
        GroupLanes lanes = new GroupLanes(10_000, 64 << 20);
        assertThat(lanes.offer("calm", small(0))).isTrue();
        fill(lanes, "flood", ofBytes(10_000));
        for (int number = 1; number < 5; number++) {
            assertThat(lanes.offer("calm", small(number))).isTrue();
        }
        List<GroupLanes.Waiting> all = drain(lanes);
        List<Message> calm = all.stream()
                .filter(waiting -> waiting.group().equals("calm"))
                .map(GroupLanes.Waiting::message)
                .toList();
        assertThat(calm).containsExactly(small(0), small(1), small(2), small(3), small(4));
        // The heartbeats of one group are less than a turn, so none waits for more than a turn of the other.
        assertThat(all.subList(0, 5)).extracting(GroupLanes.Waiting::group).containsOnly("calm");

        assertThat(lanes.offer("flood", small(1))).isTrue();
        fill(lanes, "flood", ofBytes(10_000));
        assertThat(lanes.offer("calm", small(9))).isTrue();
        List<String> order =
                drain(lanes).stream().map(GroupLanes.Waiting::group).toList();
        assertThat(order.indexOf("calm")).as("behind one turn of the flood").isBetween(1, 4);
    }

    @Test
    void forgetsAGroupThatHasEnded() {
        GroupLanes lanes = new GroupLanes(100, 1 << 20);
        fill(lanes, "ended", small(1));
        assertThat(lanes.offer("other", small(2))).isTrue();
        lanes.close("ended");
        lanes.close("unknown");
        assertThat(drain(lanes)).containsExactly(new GroupLanes.Waiting("other", small(2)));
        assertThat(fill(lanes, "other", small(3))).as("alone again").isEqualTo(100);
    }

    @Test
    void namesThoseWhoseMessagesItDrops() {
        GroupLanes lanes = new GroupLanes(100, 1 << 20);
        assertThat(lanes.offer("one", small(1))).isTrue();
        assertThat(lanes.offer("two", small(1))).isTrue();
        assertThat(lanes.offer("three", small(1))).isTrue();
        lanes.close("three");
        assertThat(lanes.clear()).containsExactly("one", "two");
        assertThat(lanes.isEmpty()).isTrue();
        assertThat(lanes.clear()).isEmpty();
        assertThat(lanes.offer("one", small(2))).isTrue();
        assertThat(drain(lanes)).containsExactly(new GroupLanes.Waiting("one", small(2)));
    }
}
