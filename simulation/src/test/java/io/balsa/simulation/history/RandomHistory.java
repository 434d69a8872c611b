package io.balsa.simulation.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Makes up histories that are linearizable, since each operation is carried out at a moment between its call and return. */
final class RandomHistory {
    private final Random random;
    private final int clients;
    private final int values;
    private final int maxNanos;

    RandomHistory(Random random, int clients, int values, int maxNanos) {
        this.random = random;
        this.clients = clients;
        this.values = values;
        this.maxNanos = maxNanos;
    }

    /** When something is asked, done, and answered. */
    private record Plan(int client, long call, long moment, long end) {}

    /** Carries out one operation on the single copy, and gives it with its answer. */
    private interface Store {
        Operation carryOut(String client, long call, long end);
    }

    History register(int size, double unknownShare) {
        Object[] value = {null};
        return carryOut(size, unknownShare, (client, call, end) -> {
            Long one = (long) random.nextInt(values);
            Long other = (long) random.nextInt(values);
            switch (random.nextInt(3)) {
                case 0 -> {
                    return ok(client, "read", List.of(), call, end, value[0]);
                }
                case 1 -> {
                    value[0] = one;
                    return ok(client, "write", List.of(one), call, end, null);
                }
                default -> {
                    boolean equal = one.equals(value[0]);
                    value[0] = equal ? other : value[0];
                    return ok(client, "cas", List.of(one, other), call, end, equal);
                }
            }
        });
    }

    History keyValue(int size, double unknownShare, boolean toldRevisions) {
        Object[] value = {null};
        long[] revisions = {0, 0};
        return carryOut(size, unknownShare, (client, call, end) -> {
            String text = "v" + random.nextInt(values);
            long next = ++revisions[1];
            Object told = toldRevisions ? (Object) next : null;
            switch (random.nextInt(6)) {
                case 0 -> {
                    value[0] = text;
                    revisions[0] = next;
                    return ok(client, "put", List.of(text), call, end, told);
                }
                case 1 -> {
                    value[0] = value[0] == null ? text : value[0] + text;
                    revisions[0] = next;
                    return ok(client, "append", List.of(text), call, end, told);
                }
                case 2 -> {
                    boolean existed = value[0] != null;
                    value[0] = null;
                    return ok(client, "delete", List.of(), call, end, existed);
                }
                case 3 -> {
                    Object expected = random.nextBoolean() ? value[0] : text;
                    if (!Objects.equals(expected, value[0])) {
                        return ok(client, "cas", Arrays.asList(expected, text), call, end, false);
                    }
                    value[0] = text;
                    revisions[0] = next;
                    return ok(client, "cas", Arrays.asList(expected, text), call, end, toldRevisions ? next : true);
                }
                case 4 -> {
                    long revision = random.nextBoolean() ? revisions[0] : random.nextInt(size + 1);
                    if (value[0] == null || revision != revisions[0]) {
                        Object found = toldRevisions ? found(value[0], revisions[0]) : (Object) false;
                        return ok(client, "cas-revision", List.of(revision, text), call, end, found);
                    }
                    value[0] = text;
                    revisions[0] = next;
                    return ok(client, "cas-revision", List.of(revision, text), call, end, told);
                }
                default -> {
                    Object read = toldRevisions && value[0] != null ? List.of(value[0], revisions[0]) : value[0];
                    return ok(client, "get", List.of(), call, end, read);
                }
            }
        });
    }

    private static Object found(Object value, long revision) {
        return Arrays.asList(value, value == null ? 0L : revision);
    }

    /** Locks of which some expire, never before they may. */
    History lock(int size, double unknownShare) {
        long[] holder = {0, 0, 0};
        long[] moment = {0};
        return carryOut(size, unknownShare, (client, call, end) -> {
            moment[0] = Math.max(moment[0], call);
            if (holder[0] != 0 && random.nextInt(3) == 0 && moment[0] > holder[2]) {
                holder[0] = 0;
            }
            long token = random.nextInt(4) > 0 && holder[1] > 0 ? holder[1] : 1 + random.nextInt(size);
            boolean holds = holder[0] == token;
            switch (random.nextInt(5)) {
                case 0 -> {
                    return ok(client, "show", List.of(), call, end, holder[0] == 0 ? null : (Object) holder[0]);
                }
                case 1 -> {
                    holder[0] = holds ? 0 : holder[0];
                    return ok(client, "release", List.of(token), call, end, holds);
                }
                case 2 -> {
                    if (holds) {
                        holder[2] = Math.max(holder[2], call + 1_000_000L);
                    }
                    return ok(client, "renew", List.of(token, 1L), call, end, holds);
                }
                default -> {
                    if (holder[0] != 0) {
                        return ok(client, "acquire", List.of(1L), call, end, false);
                    }
                    holder[1] += 1 + random.nextInt(3);
                    holder[0] = holder[1];
                    holder[2] = call + 1_000_000L;
                    return ok(client, "acquire", List.of(1L), call, end, holder[0]);
                }
            }
        });
    }

    History counter(int size, double unknownShare) {
        long[] value = {0};
        return carryOut(size, unknownShare, (client, call, end) -> {
            long before = value[0];
            long operand = random.nextInt(values + 1) - 1L;
            switch (random.nextInt(7)) {
                case 0 -> {
                    value[0] = operand;
                    return ok(client, "set", List.of(operand), call, end, before);
                }
                case 1 -> {
                    value[0] = before >= 1 ? before - 1 : before;
                    return ok(client, "take", List.of(-1L, 0L), call, end, before >= 1 ? (Object) value[0] : false);
                }
                case 2 -> {
                    long expected = random.nextBoolean() ? before : operand;
                    value[0] = before == expected ? operand : before;
                    return ok(client, "cas", List.of(expected, operand), call, end, before == expected);
                }
                case 3 -> {
                    return ok(client, "await", List.of(before + random.nextInt(2)), call, end, true);
                }
                case 4, 5 -> {
                    value[0] = before + operand;
                    return ok(client, "add", List.of(operand), call, end, value[0]);
                }
                default -> {
                    return ok(client, "get", List.of(), call, end, before);
                }
            }
        });
    }

    private History carryOut(int size, double unknownShare, Store store) {
        List<Plan> plans = plans(size);
        plans.sort(Comparator.comparingLong(Plan::moment));
        List<Operation> operations = new ArrayList<>();
        for (Plan plan : plans) {
            Operation operation = store.carryOut("c" + plan.client, plan.call, plan.end);
            operations.add(random.nextDouble() < unknownShare ? operation.asUnknown() : operation);
        }
        operations.sort(Comparator.comparingLong(Operation::callNanos));
        return new History(operations);
    }

    private List<Plan> plans(int size) {
        Map<Integer, Long> freeFrom = new HashMap<>();
        List<Plan> plans = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int client = random.nextInt(clients);
            long call = freeFrom.getOrDefault(client, 0L) + 1 + random.nextInt(maxNanos);
            long end = call + random.nextInt(maxNanos);
            freeFrom.put(client, end);
            plans.add(new Plan(client, call, call + random.nextInt((int) (end - call) + 1), end));
        }
        return plans;
    }

    /** The same, but one answer was given to another question. */
    History withSwappedAnswers(History history) {
        List<Operation> operations = new ArrayList<>(history.operations());
        int one = random.nextInt(operations.size());
        for (int i = 1; i < operations.size(); i++) {
            int other = (one + i) % operations.size();
            Operation a = operations.get(one);
            Operation b = operations.get(other);
            if (a.op().equals(b.op()) && a.isOk() && b.isOk() && !Objects.equals(a.output(), b.output())) {
                operations.set(one, ok(a.client(), a.op(), a.args(), a.callNanos(), a.returnNanos(), b.output()));
                operations.set(other, ok(b.client(), b.op(), b.args(), b.callNanos(), b.returnNanos(), a.output()));
                break;
            }
        }
        return new History(operations);
    }

    private static Operation ok(String client, String op, List<Object> args, long call, long end, Object output) {
        return new Operation(client, op, "k", args, call, end, Status.OK, output);
    }
}
