package dev.outboard.integration.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.linux.Processes;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a browser shows of the pages that commands write of real measurements. */
@Timeout(300)
@SideBySide
final class PagesOfCommandsTest {
  @TempDir private Path directory;

  @Test
  void aComparisonIsShownWithItsFiguresAndCurves() throws IOException, InterruptedException {
    try (Chromium browser = open("compare", "--arms", "local,vmm-tap", "--rounds", "3")) {
      assertEquals(
          "Outboard: local, vmm-tap compared", text(browser, "document.querySelector('h1')"));
      JsonNode raw = raw(browser);
      assertTrue(texts(browser, "tbody th").containsAll(List.of("local", "vmm-tap")));
      // Two arms, four percentiles each.
      assertEquals(2 * 4, count(browser, "#s3 figure > svg .point"));
      assertEquals(raw.path("arms").path(0).path("sent").asText(), cell(browser, "local", 9));
      assertUndisturbed(browser);
    }
  }

  @Test
  void figuresAreShownBesideThePapersStatements() throws IOException, InterruptedException {
    try (Chromium browser = open("figures", "--arms", "vmm-tap", "--vms", "1,2", "--rounds", "1")) {
      assertEquals(
          "The paper's figures on this machine", text(browser, "document.querySelector('h1')"));
      List<String> titles = texts(browser, "h2");
      for (String title :
          List.of(
              "Figure 2: throughput, vm-vm",
              "Figure 2: saturation",
              "Figure 3a: median round trip, vm-host",
              "Figure 3b: messages answered, host-vm",
              "Figure 4: a message that needs one more frame")) {
        assertTrue(titles.contains(title), titles.toString());
      }
      // Host-host and the arm, with one and with two microVMs.
      assertEquals(2 * 2, count(browser, "#s2 figure > svg .point"));
      assertTrue(texts(browser, "aside li").toString().contains("The paper: one VM uses 5.2 %"));
      assertEquals(5, count(browser, "#s1 tbody tr"));
      assertEquals(5, raw(browser).path("effects").size());
      assertUndisturbed(browser);
    }
  }

  private Chromium open(String... command) throws IOException, InterruptedException {
    Assumptions.assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun on this host");
    Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors");
    Optional<Path> program = Chromium.find();
    Assumptions.assumeTrue(
        program.isPresent(), "no Chromium: apt-get install chromium-headless-shell");
    Path page = directory.resolve("page.html");
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("--seconds", "0.02", "--report", page.toString()));
    Outcome outcome = RunningDaemon.command(words.toArray(String[]::new));
    assertEquals(new Outcome(0, outcome.out(), ""), outcome);
    Chromium browser = new Chromium(program.get(), directory);
    browser.open(page);
    return browser;
  }

  private static void assertUndisturbed(Chromium browser) throws IOException {
    browser.value("1");
    assertEquals(1, browser.events("Network.requestWillBeSent").size());
    assertEquals(List.of(), browser.events("Log.entryAdded"));
    assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
  }

  private static JsonNode raw(Chromium browser) throws IOException {
    return new ObjectMapper()
        .readTree(browser.value("document.getElementById('raw').textContent").asText());
  }

  /** Of the row that begins so, in the table of figures. */
  private static String cell(Chromium browser, String arm, int column) throws IOException {
    return browser
        .value(
            "[...document.querySelectorAll('tbody tr')].filter(r => r.cells.length == 14"
                + " && r.cells[0].textContent == '%s')[0].cells[%d].textContent"
                    .formatted(arm, column))
        .asText();
  }

  private static String text(Chromium browser, String element) throws IOException {
    return browser.value(element + ".textContent").asText();
  }

  private static int count(Chromium browser, String selector) throws IOException {
    return browser.value("document.querySelectorAll('%s').length".formatted(selector)).asInt();
  }

  private static List<String> texts(Chromium browser, String selector) throws IOException {
    List<String> texts = new ArrayList<>();
    JsonNode all =
        browser.value(
            "[...document.querySelectorAll('%s')].map(e => e.textContent)".formatted(selector));
    all.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
