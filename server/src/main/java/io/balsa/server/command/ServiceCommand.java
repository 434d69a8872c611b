package io.balsa.server.command;

import io.balsa.raft.client.RequestException;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.statemachine.session.RegisteredService;
import io.balsa.statemachine.session.ServiceEvent;
import io.balsa.statemachine.session.ServiceInstance;
import io.balsa.statemachine.session.ServiceList;
import io.balsa.statemachine.session.ServiceListener;
import io.balsa.statemachine.session.ServiceWatch;
import io.balsa.statemachine.session.Services;
import io.balsa.statemachine.session.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code service}: registers, removes, lists and watches service instances. */
@Command(
        name = "service",
        description = "Registers, removes, lists and watches service instances.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ServiceRegisterCommand.class,
            ServiceCommand.Deregister.class,
            ServiceCommand.ListInstances.class,
            ServiceCommand.Watch.class
        })
public final class ServiceCommand {
    private static final List<String> HEAD =
            List.of("NAME", "ID", "ADDRESS", "VERSION", "STATUS", "METADATA", "REGISTERED AT");

    @Command(name = "deregister", description = "Removes an instance, whoever registered it.")
    static final class Deregister implements Callable<Integer> {
        @Parameters(paramLabel = "NAME")
        private String name;

        @Option(names = "--id", paramLabel = "ID", required = true, description = "The instance.")
        private String id;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                if (!session.services().deregister(name, id)) {
                    throw new CommandFailure(ExitCode.NOT_FOUND, "service '" + name + "' has no instance '" + id + "'");
                }
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("name", name);
                json.put("id", id);
                output.print(json, "deregistered");
                return ExitCode.OK.code();
            }
        }
    }

    @Command(name = "list", description = "Lists the instances of a service, or of all services.")
    static final class ListInstances implements Callable<Integer> {
        @Parameters(
                paramLabel = "NAME",
                arity = "0..1",
                defaultValue = Services.ALL,
                description = "Otherwise all services.")
        private String name;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @Override
        public Integer call() {
            try (Session session = cluster.connect()) {
                printList(output, session.services().discover(name), false);
                return ExitCode.OK.code();
            }
        }
    }

    @Command(
            name = "watch",
            description = {
                "Prints the instances of a service, or of all services, and then every change, until SIGINT or SIGTERM.",
                "When the cluster cannot be reached for the session's time to live, it ends; --from then goes on without a gap."
            })
    static final class Watch implements Callable<Integer> {
        @Parameters(
                paramLabel = "NAME",
                arity = "0..1",
                defaultValue = Services.ALL,
                description = "Otherwise all services.")
        private String name;

        @Option(
                names = "--from",
                paramLabel = "INDEX",
                description =
                        "Print only the changes after this index: the last resumeFrom of the JSON, or the last index that"
                                + " was printed less one, since one index can have several changes.")
        private Long afterIndex;

        @Mixin
        private Cluster cluster;

        @Mixin
        private Output output;

        @SuppressWarnings("try") // what is opened works while the block runs
        @Override
        public Integer call() throws InterruptedException {
            CompletableFuture<Void> ended = new CompletableFuture<>();
            try (Signals signals = Signals.handle(signal -> ended.complete(null));
                    Session session = cluster.connect();
                    ServiceWatch watch = begin(session.services(), new Printer(output, ended))) {
                ended.get();
                return ExitCode.OK.code();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof CommandFailure failure) {
                    throw failure;
                }
                throw new CommandFailure(
                        ExitCode.NOT_APPLIED, "the watch ended: " + e.getCause().getMessage(), e);
            }
        }

        private ServiceWatch begin(Services services, ServiceListener listener) {
            return afterIndex == null ? services.watch(name, listener) : services.watchFrom(name, afterIndex, listener);
        }
    }

    /** Prints what a watch tells. */
    private record Printer(Output output, CompletableFuture<Void> ended) implements ServiceListener {
        @Override
        public void onList(ServiceList list) {
            orEnd(() -> printList(output, list, true));
        }

        @Override
        public void onEvent(ServiceEvent event) {
            orEnd(() -> print(event));
        }

        /** Nobody reads what is printed: the command ends, and the watch with it. */
        private void orEnd(Runnable print) {
            try {
                print.run();
            } catch (CommandFailure e) {
                ended.completeExceptionally(e);
            }
        }

        private void print(ServiceEvent event) {
            ServiceInstance instance = event.service().instance();
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("event", event.kind().name().toLowerCase(Locale.ROOT));
            json.put("index", event.index());
            // More changes of the same entry may follow.
            json.put("resumeFrom", event.index() - 1);
            json.putAll(asMap(event.service()));
            output.print(
                    json,
                    "%s %s %s at %s:%d, index %d"
                            .formatted(
                                    event.kind().name().toLowerCase(Locale.ROOT),
                                    instance.name(),
                                    instance.id(),
                                    instance.address(),
                                    instance.port(),
                                    event.index()));
        }

        @Override
        public void onEnd(RequestException cause) {
            ended.completeExceptionally(cause);
        }
    }

    private ServiceCommand() {}

    private static void printList(Output output, ServiceList list, boolean isEvent) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (isEvent) {
            json.put("event", "list");
        }
        json.put("index", list.index());
        if (isEvent) {
            json.put("resumeFrom", list.index());
        }
        json.put("services", list.services().stream().map(ServiceCommand::asMap).toList());
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        list.services().forEach(service -> rows.add(asRow(service)));
        output.print(json, Output.table(rows));
    }

    static Map<String, Object> asMap(RegisteredService service) {
        ServiceInstance instance = service.instance();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", instance.name());
        map.put("id", instance.id());
        map.put("address", instance.address());
        map.put("port", instance.port());
        map.put("version", instance.version());
        map.put("status", instance.status().name().toLowerCase(Locale.ROOT));
        map.put("metadata", instance.metadata());
        map.put("registrationIndex", service.registrationIndex());
        return map;
    }

    private static List<String> asRow(RegisteredService service) {
        ServiceInstance instance = service.instance();
        return List.of(
                instance.name(),
                instance.id(),
                instance.address() + ":" + instance.port(),
                instance.version(),
                instance.status().name().toLowerCase(Locale.ROOT),
                metadata(instance),
                Long.toString(service.registrationIndex()));
    }

    private static String metadata(ServiceInstance instance) {
        List<String> pairs = new ArrayList<>();
        instance.metadata().forEach((key, value) -> pairs.add(key + "=" + value));
        return String.join(",", pairs);
    }
}
