package dev.outboard.integration.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.statistics.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a browser shows of a report whose texts come from somebody who means harm. */
@Timeout(120)
final class HtmlReportTest {
  private static final String EVIL =
      "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&amp;";

  private static final List<Plot.Point> POINTS =
      List.of(new Plot.Point(1, 10, 8, 13), Plot.Point.of(10, 100), Plot.Point.of(100, 2000));

  @TempDir private static Path directory;

  private static Chromium browser;
  private static Path file;

  @BeforeAll
  static void open() throws IOException {
    Optional<Path> program = Chromium.find();
    Assumptions.assumeTrue(
        program.isPresent(), "no Chromium: apt-get install chromium-headless-shell");
    file = directory.resolve("report.html");
    HtmlReport.write(file, page());
    browser = new Chromium(program.get(), directory);
    browser.prefer("light");
    browser.open(file);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private static Page page() {
    ObjectNode raw = JsonNodeFactory.instance.objectNode().put("guest", EVIL).put("line", "\u2028");
    return new Page(
        "Compared: " + EVIL,
        "In short: " + EVIL,
        List.of(
            new Section.Text("Method", List.of("First.", EVIL)),
            new Section.Table(
                "Figures", List.of("Arm", "us"), List.of(List.of(EVIL, "12.5")), "note"),
            new Plot(
                "Curves",
                new Plot.Axis("VMs", true),
                new Plot.Axis("Round trip, us", true),
                List.of(new Plot.Series(EVIL, POINTS, false), new Plot.Series("old", POINTS, true)),
                List.of("The paper says " + EVIL)),
            new Factors(
                "Ratios",
                "a / b",
                List.of(new Factors.Factor(EVIL, 2, 1.5, 2.5, Verdict.Kind.BETTER)),
                List.of()),
            new Section.Verdicts(
                "Verdicts",
                List.of(
                    new Verdict("a: p99 twice " + EVIL, Verdict.Kind.BETTER),
                    new Verdict("worse", Verdict.Kind.WORSE),
                    new Verdict("nothing", Verdict.Kind.NONE)))),
        raw);
  }

  @Test
  void textsAreShownAsTheyAre() throws IOException {
    assertEquals("Compared: " + EVIL, text("document.title"));
    assertEquals("Compared: " + EVIL, text("document.querySelector('h1').textContent"));
    assertEquals("In short: " + EVIL, text("document.querySelector('.summary').textContent"));
    assertEquals(EVIL, text("document.querySelector('#s1 p:last-child').textContent"));
    assertEquals(EVIL, text("document.querySelector('#s2 tbody th').textContent"));
    assertEquals("12.5", text("document.querySelector('#s2 td').textContent"));
    assertEquals(0, browser.value("document.querySelectorAll('img').length").asInt());
  }

  @Test
  void eachPointIsDrawnAndHasATextAndIsInATable() throws IOException {
    assertEquals(6, browser.value("document.querySelectorAll('#s3 .point').length").asInt());
    assertEquals(6, browser.value("document.querySelectorAll('#s3 tbody tr').length").asInt());
    assertEquals(
        "old at 1: 10 [8, 13]",
        text("document.querySelectorAll('#s3 .point.base title')[0].textContent"));
    assertEquals(
        EVIL + ": 2 [1.5, 2.5]", text("document.querySelector('#s4 .point title').textContent"));
    assertEquals("The paper says " + EVIL, text("document.querySelector('aside li').textContent"));
  }

  @Test
  void theBaselineIsDashed() throws IOException {
    String dashes =
        "getComputedStyle(document.querySelector('#s3 figure > svg .curve.%s')).strokeDasharray";
    assertEquals("none", text(dashes.formatted("s0")));
    assertNotEquals("none", text(dashes.formatted("base")));
  }

  @Test
  void verdictsHaveAWordAndASignBesideTheColour() throws IOException {
    String all = "[...document.querySelectorAll('.verdicts li')].map(l => l.textContent).join('|')";
    assertEquals(
        "▲ better a: p99 twice " + EVIL + "|▼ worse worse|○ no difference shown nothing",
        text(all));
  }

  @Test
  void theRawDataIsWhatWasMeasured() throws IOException {
    JsonNode raw = new ObjectMapper().readTree(text("document.getElementById('raw').textContent"));
    assertEquals(page().raw(), raw);
    assertTrue(text("document.getElementById('download').href").startsWith("blob:"));
  }

  @Test
  void lightAndDarkFollowTheSystemAndTheButton() throws IOException {
    String paper = "getComputedStyle(document.body).backgroundColor";
    String curve = "getComputedStyle(document.querySelector('#s3 .curve.s0')).stroke";
    String lightPaper = text(paper);
    String lightCurve = text(curve);
    browser.prefer("dark");
    String darkPaper = text(paper);
    assertNotEquals(lightPaper, darkPaper);
    assertNotEquals(lightCurve, text(curve));
    browser.value("document.getElementById('mode').click()");
    assertEquals(lightPaper, text(paper));
    browser.value("document.getElementById('mode').click()");
    browser.prefer("light");
    assertEquals(darkPaper, text(paper));
    browser.value("document.getElementById('mode').click()");
    assertEquals(lightPaper, text(paper));
  }

  @Test
  void nothingIsFetchedAndNothingGoesWrong() throws IOException {
    browser.value("1");
    List<String> fetched =
        browser.events("Network.requestWillBeSent").stream()
            .map(event -> event.path("request").path("url").asText())
            .toList();
    assertEquals(List.of(file.toUri().toString()), fetched);
    assertEquals(List.of(), browser.events("Log.entryAdded"));
    assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
    assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
    assertFalse(Files.readString(file).contains(EVIL));
  }

  private static String text(String expression) throws IOException {
    return browser.value(expression).asText();
  }
}
