package io.balsa.simulation.planted;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A rule that is broken on purpose: some text of the production sources, and what stands there instead.
 *
 * @param name says what goes wrong
 * @param cases the numbers of the cases that it brings about
 * @param rule the rule that it breaks, in one sentence
 * @param edits what is changed; in several sources where one layer would hide what another does wrong
 */
record PlantedBug(String name, List<Integer> cases, String rule, List<Edit> edits) {
    /**
     * One change of a source.
     *
     * @param source the file, relative to the root of the repository
     * @param find occurs exactly once in it
     * @param replacement what stands there instead
     */
    record Edit(String source, String find, String replacement) {}

    private record Place(int position, Edit edit) {}

    PlantedBug {
        cases = List.copyOf(cases);
        edits = List.copyOf(edits);
    }

    /** The same with another change of the source that was changed last, for rules that are kept in two places. */
    PlantedBug and(String find, String replacement) {
        return with(new Edit(edits.get(edits.size() - 1).source(), find, replacement));
    }

    /** The same with a change of another source: of the layer that would make up for the bug. */
    PlantedBug andIn(Sources sources, String type, String find, String replacement) {
        return with(new Edit(sources.fileOf(type), find, replacement));
    }

    private PlantedBug with(Edit edit) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(edit);
        return new PlantedBug(name, cases, rule, more);
    }

    /** The sources that it changes. */
    List<String> sources() {
        return edits.stream().map(Edit::source).distinct().toList();
    }

    /** A source with the bug in it. */
    String plantedIn(String source, String text) {
        StringBuilder planted = new StringBuilder(text);
        edits.stream()
                .filter(edit -> edit.source().equals(source))
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
            throw new IllegalStateException("'" + edit.find() + "' must occur exactly once in " + edit.source()
                    + ", where the bug '" + name + "' is planted; the code has changed, so change the bug too");
        }
        return position;
    }

    @Override
    public String toString() {
        return name;
    }
}
