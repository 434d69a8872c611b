package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log and a listener are told of role changes. */
class RoleAnnouncerTest {
    private static final NodeId SELF = NodeId.of("n4");

    private static Ready.RoleChange follows(String leader, long term) {
        return new Ready.RoleChange(Role.FOLLOWER, term, Optional.of(leader).map(NodeId::of));
    }

    @Test
    void aLeaderIsLoggedOnceInATermHoweverOftenItIsLostAndFound() {
        Logger logger = (Logger) LoggerFactory.getLogger(RoleAnnouncer.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
        Level usual = logger.getLevel();
        logger.setLevel(Level.INFO);
        List<Ready.RoleChange> heard = new ArrayList<>();
        try {
            RoleAnnouncer announcer = new RoleAnnouncer(SELF, heard::add, Runnable::run);
            Ready.RoleChange lost = new Ready.RoleChange(Role.FOLLOWER, 2, Optional.empty());
            announcer.announce(follows("n3", 2));
            announcer.announce(lost);
            announcer.announce(follows("n3", 2));
            announcer.announce(follows("n3", 3));
            announcer.announce(follows("n2", 4));
        } finally {
            logger.setLevel(usual);
            logger.detachAppender(appender);
        }
        assertThat(appender.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("node n4: n3 leads term 2", "node n4: n3 leads term 3", "node n4: n2 leads term 4");
        assertThat(heard).as("a listener is told of every change").hasSize(5);
    }
}
