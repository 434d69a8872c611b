package io.balsa.simulation.planted;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A rule that is broken on purpose: some text of one production source, and what stands there instead.
 *
 * @param name says what goes wrong
 * @param cases the numbers of the cases that it brings about
 * @param rule the rule that it breaks, in one sentence
 * @param source the file, relative to the root of the repository
 * @param edits what is changed in it
 */
record PlantedBug(String name, List<Integer> cases, String rule, String source, List<Edit> edits) {
    /**
     * One change of a source.
     *
     * @param find occurs exactly once in it
     * @param replacement what stands there instead
     */
    record Edit(String find, String replacement) {}

    private record Place(int position, Edit edit) {}

    PlantedBug {
        cases = List.copyOf(cases);
        edits = List.copyOf(edits);
    }

    /** The same with another change, for rules that are kept in two places. */
    PlantedBug and(String find, String replacement) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(find, replacement));
        return new PlantedBug(name, cases, rule, source, more);
    }

    /** The source with the bug in it. */
    String plantedIn(String text) {
        StringBuilder planted = new StringBuilder(text);
        edits.stream()
                .map(edit -> new Place(placeOf(edit, text), edit))
                .sorted(Comparator.comparingInt(Place::position).reversed())
                .forEach(place -> planted.replace(
                        place.position(),
                        place.position() + place.edit().find().length(),
                        place.edit().replacement()));
        return planted.toString();
    }

    private int placeOf(Edit edit, String text) {
        int position = text.indexOf(edit.find());
        if (position < 0 || text.indexOf(edit.find(), position + 1) >= 0) {
            throw new IllegalStateException("'" + edit.find() + "' must occur exactly once in " + source
                    + ", where the bug '" + name + "' is planted; the code has changed, so change the bug too");
        }
        return position;
    }

    @Override
    public String toString() {
        return name;
    }
}
