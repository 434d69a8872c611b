package io.balsa.server;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads options that are durations, none of them longer than the cluster takes. */
public final class DurationConverter implements ITypeConverter<Duration> {
    /** The longest time to live and the longest wait that a cluster accepts. */
    public static final Duration LONGEST = Duration.ofHours(24);

    @Override
    public Duration convert(String text) {
        Duration duration;
        try {
            duration = DurationFormat.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new TypeConversionException("'" + text + "' is more than " + DurationFormat.format(LONGEST));
        }
        return duration;
    }
}
