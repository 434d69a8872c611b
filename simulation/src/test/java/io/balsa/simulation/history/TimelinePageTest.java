package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class TimelinePageTest {
    private static final String HOSTILE = "</title><script>alert('1')</script>&\u0000\ud800";

    @Test
    void everyOperationIsABarInTheLaneOfItsClient() throws Exception {
        String page = TimelinePage.write(counterexample());
        Document svg = svg(page);
        assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(4);
        assertThat(page)
                .contains("Not linearizable as kv")
                .contains(">1. put")
                .contains("\u2717 get")
                .contains("stroke-dasharray")
                .contains("then it is");
    }

    @Test
    void timesAreNanosecondsAndEventsAreNumbers() throws Exception {
        assertThat(TimelinePage.write(counterexample())).contains("called at 10 ns, returned at 20 ns");
        History events = HistoryReader.read(
                "test", new StringReader("0 :invoke :write 3\n0 :ok :write 3\n1 :invoke :read nil\n1 :ok :read 4\n"));
        Counterexample found = new LinearizabilityChecker()
                .check(new RegisterModel(), events)
                .counterexample()
                .orElseThrow();
        assertThat(TimelinePage.write(found))
                .contains("called at event 3, returned at event 4")
                .doesNotContain(" ns");
    }

    @Test
    void thePageNeedsNothingButItselfAndTrustsNoText() throws Exception {
        String page = TimelinePage.write(counterexample());
        assertThat(page)
                .doesNotContain("<script")
                .doesNotContain("alert('")
                .doesNotContain("src=")
                .doesNotContain("href=")
                .doesNotContain("url(")
                .doesNotContain("@import");
        assertThat(svg(page).getElementsByTagName("script").getLength()).isZero();
    }

    /** Three answers about a key, the last of them stale, and one unknown. */
    private static Counterexample counterexample() {
        List<Operation> operations = List.of(
                new Operation("c2", "append", HOSTILE, List.of(HOSTILE), 5, Operation.NEVER, Status.INFO, null),
                new Operation("c1", "put", HOSTILE, List.of(HOSTILE), 10, 20, Status.OK, null),
                new Operation("c3", "get", HOSTILE, List.of(), 30, 40, Status.OK, HOSTILE + HOSTILE),
                new Operation("c1", "get", HOSTILE, List.of(), 50, 60, Status.OK, HOSTILE));
        return new LinearizabilityChecker()
                .check(new KeyValueModel(), new History(operations))
                .counterexample()
                .orElseThrow();
    }

    /** The first figure, which must be well-formed. */
    private static Document svg(String page) throws Exception {
        String svg = page.substring(page.indexOf("<svg"), page.indexOf("</svg>") + "</svg>".length());
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }
}
