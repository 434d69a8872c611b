package io.balsa.fuzz;

import java.util.Arrays;
import java.util.List;

/** What Jazzer calls, in a JVM of its own for each group of targets. The first byte of an input chooses the target. */
public final class JazzerMain {
    private static List<Target> targets;

    private JazzerMain() {}

    /** Called by Jazzer first, with what {@code --target_args} says: the names of the targets. */
    public static void fuzzerInitialize(String[] arguments) {
        targets = Arrays.stream(arguments).map(Target::valueOf).toList();
    }

    /** Called by Jazzer with one input after the other. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (input.length > 0) {
            chosen(targets, input).run(withoutChoice(input));
        }
    }

    static Target chosen(List<Target> targets, byte[] input) {
        return targets.get((input[0] & 0xff) % targets.size());
    }

    static byte[] withChoice(int target, byte[] input) {
        byte[] chosen = new byte[input.length + 1];
        chosen[0] = (byte) target;
        System.arraycopy(input, 0, chosen, 1, input.length);
        return chosen;
    }

    static byte[] withoutChoice(byte[] input) {
        return Arrays.copyOfRange(input, 1, input.length);
    }
}
