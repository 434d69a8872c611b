package io.balsa.simulation.planted;

import static io.balsa.simulation.planted.Sources.CORE;

import java.util.List;

/** Bugs in how members come and go, and how the leadership is handed over. */
final class MembershipBugs {
    private MembershipBugs() {}

    static List<PlantedBug> all() {
        return List.of(
                CORE.bug(
                        "two changes at a time",
                        List.of(42),
                        "The next change begins when the last is committed.",
                        "MembershipChanger",
                        "} else if (current.isJoint() || server.log.configurationIndex() > server.log.commitIndex()) {",
                        "} else if (server.nowMillis < 0) {"),
                CORE.bug(
                        "successor does not finish a change",
                        List.of(45),
                        "Whoever leads finishes a change that an earlier leader began.",
                        "MembershipChanger",
                        "if (current.isJoint()) {",
                        "if (current.isJoint() && requestId != NO_REQUEST) {"),
                CORE.bug(
                        "removed id comes back",
                        List.of(49),
                        "The id of a removed server is never used again.",
                        "MembershipChanger",
                        "if (current.removed().contains(id)) {\n            return Verdict.invalid(",
                        "if (current.members().isEmpty()) {\n            return Verdict.invalid("),
                CORE.bug(
                        "learners count",
                        List.of(43, 48),
                        "A learner's log makes no majority.",
                        "Quorum",
                        "long byNew = reachedByMajority(configuration.voters(), reached);",
                        "long byNew = reachedByMajority(configuration.members(), reached);"),
                CORE.bug(
                        "new voters alone elect",
                        List.of(43, 45),
                        "While voters change, whoever leads was elected by both majorities.",
                        "Quorum",
                        "if (!configuration.isJoint() || byNew == Verdict.LOST) {",
                        "if (configuration.members().size() > 0) {"),
                CORE.bug(
                        "new voters alone commit",
                        List.of(43),
                        "While voters change, what both majorities store is committed.",
                        "Quorum",
                        "return configuration.isJoint()\n                ? Math.min(",
                        "return configuration.isJoint() && byNew < 0\n                ? Math.min("),
                CORE.bug(
                                "overwritten configuration stays in effect",
                                List.of(46),
                                "When the entry of a configuration is overwritten, the one before is in effect again.",
                                "ConfigurationHistory",
                                "while (latestIndex() >= index) {",
                                "while (latestIndex() > index + 1_000_000) {")
                        .and("entry.index() > latestIndex()", "entry.index() > 0"));
    }
}
