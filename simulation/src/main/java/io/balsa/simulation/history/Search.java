package io.balsa.simulation.history;

import io.balsa.simulation.history.VisitedConfigurations.Configuration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Looks for an order of one partition's operations that explains all answers: the search of Wing and Gong with Lowe's cache
 * of states, on a stack of its own, so that no history is too long for it.
 *
 * <p>An operation can come next if no other that is still to come returned before its call. What is tried, and what is not:
 * <ul>
 *   <li>The one that returned first comes first: mostly it is the right one.
 *   <li>An answer without effect that fits is taken at once, without alternatives: taking it later would not help, and
 *       without it more is possible.
 *   <li>Optional operations (unknown ones, which never return) come last, and only where they change the state. Of equal
 *       ones the first is used.
 *   <li>Whoever gets to where the search was before, having used up no fewer optional operations, goes no further.
 * </ul>
 */
final class Search<S> {
    private static final int NODES_PER_LOOK_AT_THE_CLOCK = 64;

    /** How many operations that can't come next yet are looked at all the same. */
    private static final int LOOK_AHEAD = 4;

    /** How a search ended. */
    enum Outcome {
        /** There is such an order. */
        FOUND,
        /** There is none. */
        IMPOSSIBLE,
        /** The limits were too narrow. */
        GIVEN_UP
    }

    /**
     * What a search found.
     *
     * @param path the order; if there is none, the longest that was found, if that was wanted
     */
    record Result<S>(Outcome outcome, List<Step<S>> path, String whyGivenUp) {}

    private final Model<S> model;
    private final Intervals required;
    private final Intervals optional;
    private final int maxConfigurations;
    private final Deadline deadline;

    private final BitWords done;
    private final BitWords used;
    private int doneCount;

    /** All required operations before this one are done. */
    private int firstOpen;

    private final VisitedConfigurations visited = new VisitedConfigurations();
    private final List<S> states = new ArrayList<>();
    private final Map<S, Integer> stateNumbers = new HashMap<>();

    /** What can be tried at each level: operations (optional ones as complement) and the numbers of the states after them. */
    private final IntStack choices = new IntStack();

    private final IntStack choiceStates = new IntStack();

    /** Per level: where its choices begin, and the next one to try. The choices end where those of the next level begin. */
    private final IntStack firstChoice = new IntStack();

    private final IntStack nextChoice = new IntStack();

    /** Per level: the latest call among the operations that have taken effect. */
    private final List<Long> latestCall = new ArrayList<>();

    private boolean remembersLongest;
    private List<Step<S>> longest = List.of();
    private int longestDone = -1;
    private long nodes;

    /**
     * Prepares a search.
     *
     * @param required operations that were answered
     * @param optional operations that may be part of the order, though not after their return, or be left out
     */
    Search(
            Model<S> model,
            List<Operation> required,
            List<Operation> optional,
            int maxConfigurations,
            Deadline deadline) {
        this.model = model;
        this.required = new Intervals(model, required);
        this.optional = new Intervals(model, optional);
        this.maxConfigurations = maxConfigurations;
        this.deadline = deadline;
        this.done = new BitWords(required.size());
        this.used = new BitWords(optional.size());
    }

    /** Lets it remember the longest order even if there is no whole one; so it also goes where there is no hope. */
    Search<S> rememberingLongest() {
        remembersLongest = true;
        return this;
    }

    Result<S> run() {
        enter(numberOf(model.initialState()), Long.MIN_VALUE);
        while (firstChoice.size() > 0) {
            if (doneCount == required.size()) {
                return new Result<>(Outcome.FOUND, path(), "");
            }
            int level = firstChoice.size() - 1;
            int choice = nextChoice.get(level);
            if (choice == choices.size()) {
                leave();
                continue;
            }
            nextChoice.set(level, choice + 1);
            take(choices.get(choice));
            int state = choiceStates.get(choice);
            Configuration configuration = configuration(state);
            if (visited.contains(configuration, used)) {
                giveBack(choices.get(choice));
                continue;
            }
            enter(state, Math.max(latestCall.get(level), callNanos(choices.get(choice))));
            if (hasAlternatives()) {
                visited.add(configuration, used);
            }
            nodes++;
            String limit = limitReached();
            if (limit != null) {
                return new Result<>(Outcome.GIVEN_UP, path(), limit);
            }
        }
        return new Result<>(Outcome.IMPOSSIBLE, longest, "");
    }

    private boolean hasAlternatives() {
        return choices.size() - firstChoice.get(firstChoice.size() - 1) > 1;
    }

    private String limitReached() {
        if (visited.size() >= maxConfigurations || states.size() >= maxConfigurations) {
            return "more than " + maxConfigurations + " situations would have to be remembered";
        }
        if (nodes % NODES_PER_LOOK_AT_THE_CLOCK == 0 && deadline.isOver()) {
            return "the time was over";
        }
        return null;
    }

    private void enter(int state, long latestCallNanos) {
        int begin = choices.size();
        firstChoice.push(begin);
        nextChoice.push(begin);
        latestCall.add(latestCallNanos);
        expand(state, begin, latestCallNanos);
    }

    private void leave() {
        int level = firstChoice.size() - 1;
        if (remembersLongest && doneCount > longestDone) {
            longestDone = doneCount;
            longest = path();
        }
        choices.truncate(firstChoice.get(level));
        choiceStates.truncate(firstChoice.get(level));
        firstChoice.truncate(level);
        nextChoice.truncate(level);
        latestCall.remove(level);
        if (level > 0) {
            giveBack(choices.get(nextChoice.get(level - 1) - 1));
        }
    }

    private void take(int operation) {
        if (operation < 0) {
            used.set(~operation);
            return;
        }
        done.set(operation);
        doneCount++;
        firstOpen = done.nextClear(firstOpen);
    }

    private void giveBack(int operation) {
        if (operation < 0) {
            used.clear(~operation);
            return;
        }
        done.clear(operation);
        doneCount--;
        firstOpen = Math.min(firstOpen, operation);
    }

    private long callNanos(int operation) {
        return operation < 0 ? optional.callNanos(~operation) : required.callNanos(operation);
    }

    private Configuration configuration(int state) {
        return new Configuration(firstOpen / Long.SIZE, done.window(firstOpen, doneCount), state);
    }

    /** Lists what can come next. */
    private void expand(int state, int begin, long latestCallNanos) {
        long firstReturn = Operation.NEVER;
        IntStack open = new IntStack();
        int end = firstOpen;
        for (; end < required.size() && required.callNanos(end) <= firstReturn; end = done.nextClear(end + 1)) {
            firstReturn = Math.min(firstReturn, required.returnNanos(end));
            insertByReturn(open, end);
        }
        if (!remembersLongest && !isPromising(states.get(state), open, end, latestCallNanos)) {
            return;
        }
        for (int at = 0; at < open.size(); at++) {
            int operation = open.get(at);
            if (required.isPrecededByItsLike(operation, firstOpen, done)) {
                continue;
            }
            List<S> next = model.step(states.get(state), required.get(operation));
            boolean fits = next.size() == 1 && next.get(0).equals(states.get(state));
            if (fits
                    && required.isReadOnly(operation)
                    && !optional.anyEndsBetween(latestCallNanos, required.callNanos(operation), used)) {
                choices.truncate(begin);
                choiceStates.truncate(begin);
                push(operation, state);
                return;
            }
            next.forEach(after -> push(operation, numberOf(after)));
        }
        for (int i = optional.size() - 1; i >= 0; i--) {
            boolean possible = optional.callNanos(i) <= firstReturn && optional.returnNanos(i) >= latestCallNanos;
            if (possible && !used.get(i) && !optional.isPrecededByItsUnusedLike(i, used)) {
                expandOptional(i, state);
            }
        }
    }

    /** Whether those that can come next, and some after them, can still be answered as they were. */
    private boolean isPromising(S state, IntStack open, int end, long latestCallNanos) {
        for (int at = 0; at < open.size(); at++) {
            if (!isWithinReach(state, open.get(at), latestCallNanos)) {
                return false;
            }
        }
        int ahead = end;
        for (int looked = 0; looked < LOOK_AHEAD && ahead < required.size(); looked++) {
            if (!isWithinReach(state, ahead, latestCallNanos)) {
                return false;
            }
            ahead = done.nextClear(ahead + 1);
        }
        return true;
    }

    private boolean isWithinReach(S state, int later, long latestCallNanos) {
        return model.isWithinReach(
                state, required.get(later), condition -> isUpcoming(later, latestCallNanos, condition));
    }

    private boolean isUpcoming(int later, long latestCallNanos, Predicate<Operation> condition) {
        long before = required.returnNanos(later);
        for (int i = firstOpen; i < required.size() && required.callNanos(i) <= before; i = done.nextClear(i + 1)) {
            if (i != later && condition.test(required.get(i))) {
                return true;
            }
        }
        for (int i = 0; i < optional.size() && optional.callNanos(i) <= before; i++) {
            if (!used.get(i) && optional.returnNanos(i) >= latestCallNanos && condition.test(optional.get(i))) {
                return true;
            }
        }
        return false;
    }

    private void expandOptional(int operation, int state) {
        for (S after : model.step(states.get(state), optional.get(operation))) {
            if (!after.equals(states.get(state))) {
                push(~operation, numberOf(after));
            }
        }
    }

    private void insertByReturn(IntStack open, int operation) {
        open.push(operation);
        for (int at = open.size() - 1; at > 0; at--) {
            int before = open.get(at - 1);
            if (required.returnNanos(before) <= required.returnNanos(operation)) {
                return;
            }
            open.set(at, before);
            open.set(at - 1, operation);
        }
    }

    private void push(int operation, int state) {
        choices.push(operation);
        choiceStates.push(state);
    }

    private int numberOf(S state) {
        Integer known = stateNumbers.putIfAbsent(state, states.size());
        if (known != null) {
            return known;
        }
        states.add(state);
        return states.size() - 1;
    }

    /** What was taken on each level but the last, which has taken nothing yet. */
    private List<Step<S>> path() {
        List<Step<S>> path = new ArrayList<>();
        for (int level = 0; level + 1 < firstChoice.size(); level++) {
            int choice = nextChoice.get(level) - 1;
            int operation = choices.get(choice);
            path.add(new Step<>(
                    operation < 0 ? optional.get(~operation) : required.get(operation),
                    states.get(choiceStates.get(choice))));
        }
        return path;
    }
}
