package io.balsa.bench.report;

/**
 * One of the figures that Balsa is to reach, and what a run says about it.
 *
 * @param text what is asked, such as {@code durable, TCP, 16 under way: at least 1.5 × the best peer}
 * @param measured what was found, or why nothing was
 */
public record Target(String text, Verdict verdict, String measured) {
    /** What became of a target in a run. */
    public enum Verdict {
        MET("met"),
        MISSED("missed"),
        NOT_MEASURED("not measured");

        private final String label;

        Verdict(String label) {
            this.label = label;
        }

        /** As it is shown. */
        public String label() {
            return label;
        }
    }
}
