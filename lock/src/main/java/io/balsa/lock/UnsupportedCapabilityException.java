package io.balsa.lock;

/** A lock was asked for something that its service can't do. Ask {@link DistributedLock#supports} before. */
public final class UnsupportedCapabilityException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1L;

    private final Capability capability;

    /** @param backend the name of the service */
    public UnsupportedCapabilityException(String backend, Capability capability) {
        super("locks of the backend '" + backend + "' have no " + capability.name() + " (" + capability.description()
                + "); supports(" + capability.name() + ") tells beforehand");
        this.capability = capability;
    }

    /** What is missing. */
    public Capability capability() {
        return capability;
    }
}
