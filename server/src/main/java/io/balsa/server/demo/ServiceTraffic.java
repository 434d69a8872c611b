package io.balsa.server.demo;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.RegisteredService;
import io.balsa.statemachine.session.ServiceEvent;
import io.balsa.statemachine.session.ServiceInstance;
import io.balsa.statemachine.session.ServiceList;
import io.balsa.statemachine.session.ServiceListener;
import io.balsa.statemachine.session.ServiceWatch;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionExpiredException;
import io.balsa.statemachine.session.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * One client that registers, updates and deregisters instances of a service, and another that watches them: the watcher must
 * hear of every change, once and in order, whatever happens to the servers.
 */
final class ServiceTraffic implements AutoCloseable {
    private static final String SERVICE = "demo-billing";
    private static final int INSTANCES = 4;
    private static final long PAUSE_MILLIS = 100;
    private static final long SETTLE_MILLIS = 10_000;

    private final Session registrar;
    private final Session watcher;
    private final ServiceWatch watch;
    private final Thread thread = new Thread(this::register, "demo-registrar");
    private final View view = new View();
    private final List<Long> registrations = new ArrayList<>();
    private volatile boolean stopping;

    ServiceTraffic(String addresses) {
        registrar = Session.connect(
                addresses, SessionOptions.builder().clientName("demo-registrar").build());
        watcher = Session.connect(
                addresses, SessionOptions.builder().clientName("demo-watcher").build());
        watch = watcher.services().watch(SERVICE, view);
        thread.start();
    }

    /** Changes that the watcher has heard of. */
    long eventCount() {
        return view.eventCount();
    }

    /** Ends the traffic, waits until the watcher has heard everything, and tells what it missed; empty if nothing. */
    String stopAndCompare() throws InterruptedException {
        stopping = true;
        thread.join(SETTLE_MILLIS);
        ServiceList listed = watcher.services().discover(SERVICE);
        return view.awaitAndCompare(listed, registrations);
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        watch.close();
        watcher.close();
        registrar.close();
    }

    private void register() {
        for (long version = 1; !stopping; version++) {
            String id = "instance-" + version % INSTANCES;
            try {
                ServiceInstance instance = ServiceInstance.of(
                                SERVICE, id, "127.0.0.1", 9000 + (int) (version % INSTANCES))
                        .withMetadata(Map.of("change", Long.toString(version)));
                registrations.add(registrar.services().register(instance));
                if (version % 7 == 0) {
                    registrar.services().deregister(SERVICE, id);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (SessionExpiredException e) {
                view.fail("the registrar lost its session: " + e.getMessage());
                return;
            } catch (RequestException e) {
                // Not acknowledged, so the watcher need not have heard of it; the next change is tried.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The service as the watcher sees it. */
    private static final class View implements ServiceListener {
        private final Map<String, RegisteredService> instances = new TreeMap<>();
        private final TreeSet<Long> heard = new TreeSet<>();
        private final TreeSet<String> idsAtIndex = new TreeSet<>();
        private long index;
        private long firstIndex = -1;
        private long events;
        private String fault = "";

        @Override
        public synchronized void onList(ServiceList list) {
            if (firstIndex >= 0) {
                fault = "the watcher had to begin anew at " + list.index();
            }
            firstIndex = list.index();
            index = list.index();
            instances.clear();
            list.services().forEach(service -> instances.put(service.instance().id(), service));
            notifyAll();
        }

        @Override
        public synchronized void onEvent(ServiceEvent event) {
            // One entry may end several instances, so the same index may come again, for another of them.
            if (event.index() < index || !heardAtIndex(event)) {
                fault = "the watcher heard of change " + event.index() + " after change " + index;
            }
            index = event.index();
            events++;
            String id = event.service().instance().id();
            if (event.kind() == ServiceEvent.Kind.REGISTERED || event.kind() == ServiceEvent.Kind.UPDATED) {
                instances.put(id, event.service());
            } else {
                instances.remove(id);
            }
            notifyAll();
        }

        @Override
        public void onEnd(RequestException cause) {
            fail("the watch ended: " + cause.getMessage());
        }

        synchronized void fail(String what) {
            fault = what;
            notifyAll();
        }

        /** Whether this is the first event of its instance at its index. */
        private boolean heardAtIndex(ServiceEvent event) {
            if (heard.add(event.index())) {
                idsAtIndex.clear();
            }
            return idsAtIndex.add(event.service().instance().id());
        }

        synchronized long eventCount() {
            return events;
        }

        synchronized String awaitAndCompare(ServiceList listed, List<Long> registrations) throws InterruptedException {
            Map<String, RegisteredService> expected = new TreeMap<>();
            listed.services().forEach(service -> expected.put(service.instance().id(), service));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);
            while (fault.isEmpty() && !instances.equals(expected) && System.nanoTime() < deadline) {
                wait(PAUSE_MILLIS);
            }
            if (fault.isEmpty() && !instances.equals(expected)) {
                return "the watcher sees " + instances.keySet() + ", the registry has " + expected.keySet();
            }
            for (long registration : registrations) {
                if (fault.isEmpty() && registration > firstIndex && !heard.contains(registration)) {
                    return "the watcher missed change " + registration;
                }
            }
            return fault;
        }
    }
}
