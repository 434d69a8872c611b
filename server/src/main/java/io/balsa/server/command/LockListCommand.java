package io.balsa.server.command;

import io.balsa.server.DurationFormat;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lock list}: the locks that are held, a line for each. */
@Command(
        name = "list",
        description = {
            "Lists the locks that are held, by name, each with the holder that has it longest.",
            "`lock show` tells all of one."
        })
final class LockListCommand implements Callable<Integer> {
    private static final List<String> HEAD = List.of("NAME", "MODE", "SESSION", "FOR", "TOKEN", "WAITING", "HOLDER");

    private static final int WIDTH = 80;
    private static final int GAPS = 2 * (HEAD.size() - 1);
    private static final int SHORTEST_HOLDER = 12;
    private static final String ELLIPSIS = "…";

    @Parameters(
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only locks whose names begin with it.")
    private String prefix;

    @Mixin
    private Cluster cluster;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        try (Session session = cluster.connect()) {
            List<LockInfo> locks = session.locks().list(prefix);
            output.print(Map.of("locks", locks.stream().map(LockJson::listed).toList()), lines(locks));
            return ExitCode.OK.code();
        }
    }

    /** Names are whole, for they are what one asks for next; the holders get what is left of a line. */
    static List<String> lines(List<LockInfo> locks) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        locks.forEach(lock -> lock.holder().ifPresent(holder -> rows.add(row(lock, holder))));
        int taken = GAPS;
        for (int column = 0; column < HEAD.size() - 1; column++) {
            int at = column;
            taken += rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0);
        }
        int left = Math.max(SHORTEST_HOLDER, WIDTH - taken);
        return Output.table(rows.stream().map(row -> shortened(row, left)).toList());
    }

    private static List<String> row(LockInfo lock, LockInfo.Holder holder) {
        String others = lock.holderCount() > 1 ? " and " + (lock.holderCount() - 1) + " more" : "";
        return List.of(
                lock.name(),
                mode(lock),
                Long.toString(holder.id().session()),
                DurationFormat.round(holder.held()),
                Long.toString(holder.id().token()),
                Integer.toString(lock.waiterCount()),
                holder.clientName() + others);
    }

    private static String mode(LockInfo lock) {
        return switch (lock.mode()) {
            case EXCLUSIVE -> "exclusive";
            case SHARED -> "shared";
            case PERMITS -> lock.permits() + " of " + lock.capacity();
        };
    }

    private static List<String> shortened(List<String> row, int longest) {
        String holder = row.get(row.size() - 1);
        if (holder.length() <= longest) {
            return row;
        }
        List<String> shortened = new ArrayList<>(row);
        shortened.set(row.size() - 1, holder.substring(0, longest - 1) + ELLIPSIS);
        return shortened;
    }
}
