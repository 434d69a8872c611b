package io.balsa.server.command;

import io.balsa.server.DurationFormat;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockMode;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lock show}: all that the cluster knows of one lock. */
@Command(
        name = "show",
        description = {
            "Prints who holds a lock, and who waits for it.",
            "Times are by the cluster's clock, which stands still while nothing is written."
        })
final class LockShowCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME")
    private String name;

    @Mixin
    private Cluster cluster;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        try (Session session = cluster.connect()) {
            LockInfo lock = session.locks().show(name);
            output.print(LockJson.of(lock), lines(lock));
            return ExitCode.OK.code();
        }
    }

    static List<String> lines(LockInfo lock) {
        List<String> lines = new ArrayList<>();
        if (lock.mode() != LockMode.EXCLUSIVE) {
            lines.add(summary(lock));
        }
        for (LockInfo.Holder holder : lock.holders()) {
            lines.add("held by %s, session %d, for %s, at most %s more"
                    .formatted(
                            holder.clientName(),
                            holder.id().session(),
                            DurationFormat.round(holder.held()),
                            DurationFormat.round(holder.remaining())));
            lines.add("  token %d, lease %s".formatted(holder.id().token(), holder.id()));
            if (holder.count() > 1) {
                lines.add("  acquired %d times".formatted(holder.count()));
            }
            if (holder.permits() > 0) {
                lines.add("  %s".formatted(permits(holder.permits())));
            }
            addData(holder.data(), lines);
        }
        addRest(lock.holderCount() - lock.holders().size(), "hold it", lines);
        for (LockInfo.Waiter waiter : lock.waiters()) {
            String since = waiter.waiting()
                    .map(waiting -> ", for " + DurationFormat.round(waiting))
                    .orElse("");
            lines.add("%s, session %d, waits %s%s, at most %s more"
                    .formatted(
                            waiter.clientName(),
                            waiter.session(),
                            wish(waiter),
                            since,
                            DurationFormat.round(waiter.remaining())));
            addData(waiter.data(), lines);
        }
        addRest(lock.waiterCount() - lock.waiters().size(), "wait", lines);
        return lines.isEmpty() ? List.of("free") : lines;
    }

    private static String summary(LockInfo lock) {
        return lock.mode() == LockMode.SHARED
                ? "shared by " + lock.holderCount()
                : "%d of %s taken".formatted(lock.permits(), permits(lock.capacity()));
    }

    private static String wish(LockInfo.Waiter waiter) {
        return switch (waiter.mode()) {
            case EXCLUSIVE -> "to have it alone";
            case SHARED -> "to share it";
            case PERMITS -> "for " + permits(waiter.permits());
        };
    }

    private static String permits(int permits) {
        return permits == 1 ? "1 permit" : permits + " permits";
    }

    private static void addData(String data, List<String> lines) {
        if (!data.isEmpty()) {
            lines.add("  says " + data);
        }
    }

    private static void addRest(int rest, String what, List<String> lines) {
        if (rest > 0) {
            lines.add("%d more %s".formatted(rest, what));
        }
    }
}
