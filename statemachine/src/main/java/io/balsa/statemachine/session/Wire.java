package io.balsa.statemachine.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.KeyState;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.Result;
import java.util.Optional;
import java.util.function.Consumer;

/** Translates between what callers see and what is replicated (state.proto). */
final class Wire {
    /** The version of queries that this client writes. */
    static final int QUERY_VERSION = 1;

    private Wire() {}

    static byte[] query(Consumer<Query.Builder> fill) {
        Query.Builder query = Query.newBuilder().setVersion(QUERY_VERSION);
        fill.accept(query);
        return query.build().toByteArray();
    }

    static Result result(byte[] bytes, String what) {
        try {
            return Result.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw withCause(
                    new OutcomeUnknownException(
                            what + ": the cluster's result can't be read; is it of a newer version than this client?"),
                    e);
        }
    }

    /** Why a command was refused; unspecified when it was not, or its result can't be read. */
    static Error.Code errorCode(byte[] bytes) {
        try {
            return Result.parseFrom(bytes).getError().getCode();
        } catch (InvalidProtocolBufferException e) {
            return Error.Code.UNSPECIFIED;
        }
    }

    static Answer answer(byte[] bytes, String what) {
        try {
            return Answer.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw withCause(
                    new NotAppliedException(
                            what + ": the cluster's answer can't be read; is it of a newer version than this client?"),
                    e);
        }
    }

    /** A result or answer of a type that this client does not know. */
    static OutcomeUnknownException unexpected(String what, Object kind) {
        return new OutcomeUnknownException(
                what + ": the cluster answered " + kind + ", which this client does not know; is the cluster newer?");
    }

    static <E extends RequestException> E withCause(E exception, Throwable cause) {
        exception.initCause(cause);
        return exception;
    }

    static io.balsa.statemachine.proto.ServiceInstance toProto(ServiceInstance instance) {
        return io.balsa.statemachine.proto.ServiceInstance.newBuilder()
                .setName(instance.name())
                .setId(instance.id())
                .setAddress(instance.address())
                .setPort(instance.port())
                .putAllMetadata(instance.metadata())
                .setVersion(instance.version())
                .setStatus(
                        switch (instance.status()) {
                            case UNKNOWN -> io.balsa.statemachine.proto.ServiceStatus.SERVICE_STATUS_UNKNOWN;
                            case HEALTHY -> io.balsa.statemachine.proto.ServiceStatus.SERVICE_STATUS_HEALTHY;
                            case UNHEALTHY -> io.balsa.statemachine.proto.ServiceStatus.SERVICE_STATUS_UNHEALTHY;
                        })
                .build();
    }

    static ServiceList serviceList(io.balsa.statemachine.proto.ServiceList list) {
        return new ServiceList(
                list.getServicesList().stream().map(Wire::registered).toList(), list.getIndex());
    }

    static ServiceEvent serviceEvent(io.balsa.statemachine.proto.ServiceEvent event) {
        ServiceEvent.Kind kind =
                switch (event.getKind()) {
                    case REGISTERED -> ServiceEvent.Kind.REGISTERED;
                    case UPDATED -> ServiceEvent.Kind.UPDATED;
                    case DEREGISTERED -> ServiceEvent.Kind.DEREGISTERED;
                    case EXPIRED -> ServiceEvent.Kind.EXPIRED;
                    case UNSPECIFIED, UNRECOGNIZED -> throw unexpected("watch services", event.getKind());
                };
        return new ServiceEvent(event.getIndex(), kind, registered(event.getService()));
    }

    private static RegisteredService registered(io.balsa.statemachine.proto.RegisteredService service) {
        io.balsa.statemachine.proto.ServiceInstance instance = service.getInstance();
        ServiceStatus status =
                switch (instance.getStatus()) {
                    case SERVICE_STATUS_HEALTHY -> ServiceStatus.HEALTHY;
                    case SERVICE_STATUS_UNHEALTHY -> ServiceStatus.UNHEALTHY;
                    case SERVICE_STATUS_UNKNOWN, UNRECOGNIZED -> ServiceStatus.UNKNOWN;
                };
        if (instance.getPort() < 0 || instance.getPort() > ServiceInstance.MAX_PORT) {
            throw unexpected("watch services", "port " + Integer.toUnsignedString(instance.getPort()));
        }
        return new RegisteredService(
                new ServiceInstance(
                        instance.getName(),
                        instance.getId(),
                        instance.getAddress(),
                        instance.getPort(),
                        instance.getMetadataMap(),
                        instance.getVersion(),
                        status),
                service.getSession(),
                service.getRegistrationIndex());
    }

    static Optional<KeyValue> keyValue(String key, KeyState state) {
        return state.getExists()
                ? Optional.of(new KeyValue(
                        key, state.getValue().toByteArray(), state.getRevision(), state.getCreateRevision()))
                : Optional.empty();
    }

    static CompareAndSet compareAndSet(String key, Expected expected, byte[] newValue) {
        CompareAndSet.Builder command =
                CompareAndSet.newBuilder().setKey(key).setNewValue(ByteString.copyFrom(newValue));
        if (expected instanceof Expected.Revision revision) {
            command.setRevision(revision.revision());
        } else if (expected instanceof Expected.Value value) {
            command.setValue(ByteString.copyFrom(value.value()));
        } else {
            command.setAbsent(true);
        }
        return command.build();
    }
}
