package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Looks for a schedule that breaks Raft's safety properties, or after which the cluster doesn't get on.
 *
 * <p>{@code -Dsafety.seed=N} runs one seed; {@code -Dsafety.seeds=N} runs so many.
 */
class CoreSafetyRandomTest {
    private static final int STEPS = 1_500;
    private static final int SEEDS = Integer.getInteger("safety.seeds", 300);

    @Test
    void everyScheduleIsSafeAndEndsInProgress() {
        Long only = Long.getLong("safety.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? SEEDS : only;
        long committed = 0;
        long terms = 0;
        long reads = 0;
        long changes = 0;
        long installed = 0;
        for (long seed = first; seed <= last; seed++) {
            SafetyChecker checker = run(seed, UnaryOperator.identity());
            committed += checker.committedEntries();
            terms += checker.terms();
            reads += checker.confirmedReads();
            changes += checker.changesDone();
            installed += checker.installedSnapshots();
        }
        System.out.printf(
                "seeds %d to %d: %d entries committed, %d leaders, %d reads, %d changes, %d snapshots installed%n",
                first, last, committed, terms, reads, changes, installed);
        assertThat(committed).as("schedules that commit something").isGreaterThan(last - first);
        if (only == null && SEEDS >= 100) {
            assertThat(changes).as("changes of membership").isGreaterThan(SEEDS / 3);
            assertThat(installed).as("snapshots that were installed").isGreaterThan(SEEDS / 20);
        }
    }

    private static SafetyChecker run(long seed, UnaryOperator<Message> tampering) {
        try {
            RandomSchedule schedule = new RandomSchedule(seed, tampering);
            schedule.run(STEPS);
            schedule.demandProgress();
            return schedule.checker();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " (again with -Dsafety.seed=" + seed + "): " + e.getMessage(), e);
        }
    }

    /** Lies in messages, each of which breaks a rule that Raft's safety rests on. */
    enum Lie {
        /** Every vote is granted: two leaders in a term. */
        VOTES_FOR_ALL {
            @Override
            Message tell(Message message) {
                return message instanceof Message.RequestVoteResponse m
                        ? new Message.RequestVoteResponse(m.from(), m.to(), m.term(), true)
                        : message;
            }
        },
        /** Candidates seem to have the longest log: committed entries are missing in a leader's. */
        LOG_SEEMS_UP_TO_DATE {
            @Override
            Message tell(Message message) {
                if (message instanceof Message.PreVote m) {
                    return new Message.PreVote(m.from(), m.to(), m.term(), Long.MAX_VALUE, Long.MAX_VALUE);
                }
                return message instanceof Message.RequestVote m
                        ? new Message.RequestVote(m.from(), m.to(), m.term(), Long.MAX_VALUE, Long.MAX_VALUE, false)
                        : message;
            }
        },
        /** Followers seem to have stored one more entry than they have. */
        ACKNOWLEDGES_TOO_MUCH {
            @Override
            Message tell(Message message) {
                return message instanceof Message.AppendEntriesAccepted m
                        ? new Message.AppendEntriesAccepted(
                                m.from(), m.to(), m.term(), m.matchIndex() + 1, m.round(), 0)
                        : message;
            }
        },
        /** The leader seems to have committed one more entry than it has. */
        COMMITS_TOO_MUCH {
            @Override
            Message tell(Message message) {
                return message instanceof Message.AppendEntries m ? withCommit(m, m.leaderCommit() + 1) : message;
            }
        },
        /** Followers read what was committed one entry before. */
        ANSWERS_TOO_LITTLE {
            @Override
            Message tell(Message message) {
                return message instanceof Message.ReadIndexResponse m
                        ? new Message.ReadIndexResponse(
                                m.from(), m.to(), m.term(), m.requestId(), Math.max(0, m.index() - 1))
                        : message;
            }
        },
        /** Snapshots seem to hold one entry more than they do. */
        SNAPSHOT_HOLDS_TOO_MUCH {
            @Override
            Message tell(Message message) {
                return withSnapshot(
                        message,
                        was -> new SnapshotMetadata(
                                was.index() + 1, was.term(), was.timeMillis(), was.configuration()));
            }
        },
        /** Snapshots seem to end with an entry of another term. */
        SNAPSHOT_OF_ANOTHER_TERM {
            @Override
            Message tell(Message message) {
                return withSnapshot(
                        message,
                        was -> new SnapshotMetadata(
                                was.index(), Math.max(1, was.term() - 1), was.timeMillis(), was.configuration()));
            }
        },
        /** Snapshots seem to come from a group of one. */
        SNAPSHOT_OF_ANOTHER_GROUP {
            @Override
            Message tell(Message message) {
                return withSnapshot(
                        message,
                        was -> new SnapshotMetadata(
                                was.index(), was.term(), was.timeMillis(), Configuration.of(List.of(NodeId.of("n1")))));
            }
        },
        /** Followers seem to have seen confirmation rounds that are still to come. */
        ECHOES_TOO_EARLY {
            @Override
            Message tell(Message message) {
                return message instanceof Message.AppendEntriesAccepted m
                        ? new Message.AppendEntriesAccepted(
                                m.from(), m.to(), m.term(), m.matchIndex(), m.round() + 1_000, 0)
                        : message;
            }
        };

        abstract Message tell(Message message);

        private static Message withSnapshot(Message message, UnaryOperator<SnapshotMetadata> change) {
            if (!(message instanceof Message.InstallSnapshot m)) {
                return message;
            }
            SnapshotDescription was = m.snapshot();
            SnapshotDescription told =
                    new SnapshotDescription(change.apply(was.metadata()), was.sizeBytes(), was.checksum());
            return new Message.InstallSnapshot(
                    m.from(), m.to(), m.term(), told, m.offset(), m.data(), m.dataChecksum());
        }

        private static Message withCommit(Message.AppendEntries m, long commit) {
            return new Message.AppendEntries(
                    m.from(),
                    m.to(),
                    m.term(),
                    m.prevLogIndex(),
                    m.prevLogTerm(),
                    m.entries(),
                    commit,
                    m.matchIndex(),
                    m.round());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyLieIsFound(Lie lie) {
        int seeds = 200;
        List<String> found = new ArrayList<>();
        for (long seed = 1; seed <= seeds && found.isEmpty(); seed++) {
            try {
                run(seed, lie::tell);
            } catch (AssertionError e) {
                found.add(e.getMessage());
            }
        }
        System.out.println(lie + ": " + found);
        assertThat(found)
                .as("what the checks say to %s within %d seeds", lie, seeds)
                .isNotEmpty();
    }

    @Test
    void theSameSeedGivesTheSameSchedule() {
        for (long seed = 1; seed <= 10; seed++) {
            SafetyChecker first = run(seed, UnaryOperator.identity());
            SafetyChecker second = run(seed, UnaryOperator.identity());
            assertThat(second.trace()).as("seed %d", seed).isEqualTo(first.trace());
        }
    }
}
