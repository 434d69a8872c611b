package io.balsa.raft.core;

/** The way of messages from one server to another. */
record Link(NodeId from, NodeId to) {
    static Link of(Message message) {
        return new Link(message.from(), message.to());
    }

    boolean carries(Message message) {
        return from.equals(message.from()) && to.equals(message.to());
    }

    @Override
    public String toString() {
        return from + "->" + to;
    }
}
