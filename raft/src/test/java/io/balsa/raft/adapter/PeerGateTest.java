package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.raft.adapter.HandshakeAcceptor.Decision;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply.Verdict;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Under each name only one data directory and one living process come in. */
class PeerGateTest {
    private static final NodeId B = NodeId.of("b");
    private static final long ALIVE_NANOS = 1_000;
    private static final byte[] STORE = NodeIdentity.randomId();
    private static final byte[] OTHER_STORE = NodeIdentity.randomId();
    private static final byte[] FIRST_BOOT = NodeIdentity.randomId();
    private static final byte[] SECOND_BOOT = NodeIdentity.randomId();

    private static final class FakeSession extends ChannelInboundHandlerAdapter implements PeerGate.Session {
        private final long lastReadNanos;

        FakeSession(long lastReadNanos) {
            this.lastReadNanos = lastReadNanos;
        }

        @Override
        public long lastReadNanos() {
            return lastReadNanos;
        }
    }

    private final NodeIdentity self = NodeIdentity.ofThisRun("test", NodeId.of("a"), NodeIdentity.randomId(), "");
    private final AtomicLong nanos = new AtomicLong();
    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private final KnownPeers knownPeers = KnownPeers.inMemory();
    private final PeerGate gate = new PeerGate(
            self,
            ProtocolVersions.CURRENT,
            knownPeers,
            hello -> new FakeSession(nanos.get()),
            10_000,
            ALIVE_NANOS,
            nanos::get);

    @AfterEach
    void end() {
        channels.forEach(channel -> channel.close().syncUninterruptibly());
    }

    private EmbeddedChannel channel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channels.add(channel);
        return channel;
    }

    private Verdict decide(Hello.Builder hello, EmbeddedChannel channel) {
        Decision decision = gate.decide(hello.build(), channel);
        assertThat(decision.handler() != null).isEqualTo(decision.reply().getVerdict() == Verdict.WELCOME);
        return decision.reply().getVerdict();
    }

    private Verdict decide(byte[] store, byte[] boot, EmbeddedChannel channel) {
        return decide(RawConnection.peerHello("test", "b", store, boot), channel);
    }

    @Test
    @Tag("case-91")
    void aSecondLivingProcessIsRefusedAndTheFirstStays() {
        EmbeddedChannel first = channel();
        assertThat(decide(STORE, FIRST_BOOT, first)).isEqualTo(Verdict.WELCOME);
        nanos.addAndGet(ALIVE_NANOS);
        assertThat(decide(STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.DUPLICATE_NODE);
        assertThat(first.isOpen()).isTrue();
    }

    @Test
    @Tag("case-91")
    void aRestartedProcessReplacesASilentConnection() {
        EmbeddedChannel halfOpen = channel();
        assertThat(decide(STORE, FIRST_BOOT, halfOpen)).isEqualTo(Verdict.WELCOME);
        nanos.addAndGet(ALIVE_NANOS + 1);
        assertThat(decide(STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.WELCOME);
        assertThat(halfOpen.isOpen()).isFalse();
        assertThat(decide(STORE, FIRST_BOOT, channel())).isEqualTo(Verdict.DUPLICATE_NODE);
    }

    @Test
    @Tag("case-91")
    void aRestartedProcessComesInWhenItsOldConnectionIsClosed() {
        EmbeddedChannel first = channel();
        assertThat(decide(STORE, FIRST_BOOT, first)).isEqualTo(Verdict.WELCOME);
        first.close().syncUninterruptibly();
        assertThat(decide(STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.WELCOME);
    }

    @Test
    void theSameProcessReplacesItsOwnConnection() {
        EmbeddedChannel first = channel();
        EmbeddedChannel second = channel();
        assertThat(decide(STORE, FIRST_BOOT, first)).isEqualTo(Verdict.WELCOME);
        assertThat(decide(STORE, FIRST_BOOT, second)).isEqualTo(Verdict.WELCOME);
        assertThat(first.isOpen()).isFalse();
        assertThat(second.isOpen()).isTrue();
        // The late end of the first does not make room for another process.
        assertThat(decide(STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.DUPLICATE_NODE);
    }

    @Test
    @Tag("case-91")
    void anotherDataDirectoryIsRefusedEvenWhenTheFirstHasGone() {
        EmbeddedChannel first = channel();
        assertThat(decide(STORE, FIRST_BOOT, first)).isEqualTo(Verdict.WELCOME);
        assertThat(decide(OTHER_STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.OTHER_DIRECTORY);
        first.close().syncUninterruptibly();
        nanos.addAndGet(10 * ALIVE_NANOS);
        assertThat(decide(OTHER_STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.OTHER_DIRECTORY);
        assertThat(decide(STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.WELCOME);
    }

    @Test
    @Tag("case-91")
    void thisNodesOwnNameIsRefused() {
        assertThat(decide(RawConnection.peerHello("test", "a", self.storeId(), FIRST_BOOT), channel()))
                .isEqualTo(Verdict.DUPLICATE_NODE);
        assertThat(decide(RawConnection.peerHello("test", "a", self.storeId(), self.bootId()), channel()))
                .isEqualTo(Verdict.DUPLICATE_NODE);
    }

    @Test
    void malformedNamesAreRefused() {
        assertThat(decide(RawConnection.peerHello("test", "", STORE, FIRST_BOOT), channel()))
                .isEqualTo(Verdict.MALFORMED);
        assertThat(decide(RawConnection.peerHello("test", "b\n", STORE, FIRST_BOOT), channel()))
                .isEqualTo(Verdict.MALFORMED);
        assertThat(decide(new byte[3], FIRST_BOOT, channel())).isEqualTo(Verdict.MALFORMED);
        assertThat(decide(
                        RawConnection.peerHello("test", "b", STORE, FIRST_BOOT).setBootId(ByteString.EMPTY), channel()))
                .isEqualTo(Verdict.MALFORMED);
    }

    @Test
    void aMemberThatThisServerHasNotHeardOfComesIn() {
        assertThat(decide(RawConnection.peerHello("test", "z", STORE, FIRST_BOOT), channel()))
                .isEqualTo(Verdict.WELCOME);
    }

    @Test
    @Tag("case-38")
    void aNodeWithAnotherDataDirectoryIsToldHowToComeBack() {
        assertThat(knownPeers.meet(B, STORE)).isEqualTo(KnownPeers.Verdict.KNOWN);
        Decision decision = gate.decide(
                RawConnection.peerHello("test", "b", OTHER_STORE, FIRST_BOOT).build(), channel());
        assertThat(decision.handler()).isNull();
        assertThat(decision.reply().getReason())
                .contains("it was wiped, copied or exchanged")
                .contains("balsa member remove b")
                .contains("balsa member add");
    }

    @Test
    @Tag("case-49")
    void aRemovedNodeIsRefusedAndShownOutUnlessTheRemovalIsWithdrawn() {
        EmbeddedChannel inside = channel();
        assertThat(decide(STORE, FIRST_BOOT, inside)).isEqualTo(Verdict.WELCOME);
        gate.refuse(List.of(B));
        assertThat(inside.isOpen()).isTrue();
        assertThat(decide(STORE, FIRST_BOOT, channel())).isEqualTo(Verdict.REMOVED);
        assertThat(decide(OTHER_STORE, SECOND_BOOT, channel())).isEqualTo(Verdict.REMOVED);
        gate.refuse(List.of());
        gate.showOut();
        assertThat(inside.isOpen()).isTrue();
        gate.refuse(List.of(B));
        gate.showOut();
        assertThat(inside.isOpen()).isFalse();
    }

    @Test
    void whoMeansToReachAnotherNodeKeepsTheConnectionThatItHas() {
        EmbeddedChannel inside = channel();
        assertThat(decide(RawConnection.peerHello("test", "b", STORE, FIRST_BOOT), inside))
                .isEqualTo(Verdict.WELCOME);
        assertThat(decide(
                        RawConnection.peerHello("test", "b", STORE, FIRST_BOOT).setWantedNodeId("c"), channel()))
                .isEqualTo(Verdict.WRONG_NODE);
        assertThat(inside.isOpen()).isTrue();
        assertThat(decide(
                        RawConnection.peerHello("test", "b", STORE, FIRST_BOOT).setWantedNodeId("a"), channel()))
                .isEqualTo(Verdict.WELCOME);
        assertThat(inside.isOpen()).isFalse();
    }

    @Test
    @Tag("case-90")
    void anotherClusterIsRefusedBeforeAnythingElseIsAsked() {
        assertThat(decide(RawConnection.peerHello("other", "b", STORE, FIRST_BOOT), channel()))
                .isEqualTo(Verdict.WRONG_CLUSTER);
        assertThat(decide(RawConnection.peerHello("", "b", STORE, FIRST_BOOT), channel()))
                .isEqualTo(Verdict.WRONG_CLUSTER);
    }

    @Test
    @Tag("case-93")
    void theNewestCommonVersionIsSpoken() {
        ProtocolVersions versions = new ProtocolVersions(2, 4);
        assertThat(versions.newestCommon(1, 3)).hasValue(3);
        assertThat(versions.newestCommon(3, 9)).hasValue(4);
        assertThat(versions.newestCommon(2, 2)).hasValue(2);
        assertThat(versions.newestCommon(1, 1)).isEmpty();
        assertThat(versions.newestCommon(5, 9)).isEmpty();
        assertThat(versions.newestCommon(-1, -1)).isEmpty();
        assertThat(versions.newestCommon(4, 3)).isEmpty();
    }
}
