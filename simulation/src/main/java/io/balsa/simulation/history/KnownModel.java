package io.balsa.simulation.history;

import java.util.Optional;

/** The models that come with Balsa, by name. */
public enum KnownModel {
    REGISTER,
    KV,
    LOCK,
    COUNTER;

    /** The model. */
    public Model<?> model() {
        return switch (this) {
            case REGISTER -> new RegisterModel();
            case KV -> new KeyValueModel();
            case LOCK -> new LockModel();
            case COUNTER -> new CounterModel();
        };
    }

    /** The model that a form is about; empty where it can be any. */
    public static Optional<KnownModel> of(History.Form form) {
        return switch (form) {
            case JEPSEN_REGISTER -> Optional.of(REGISTER);
            case KEY_VALUE_EVENTS -> Optional.of(KV);
            case JSON_LINES -> Optional.empty();
        };
    }
}
