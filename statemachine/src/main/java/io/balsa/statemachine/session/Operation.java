package io.balsa.statemachine.session;

import io.balsa.statemachine.proto.Command;
import java.util.function.Consumer;

/**
 * A command before it has a number.
 *
 * @param what what it does, in words, for error messages: {@code put 'k'}
 * @param fill adds the operation to the command
 */
record Operation(String what, Consumer<Command.Builder> fill) {}
