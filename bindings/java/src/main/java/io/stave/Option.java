package io.stave;

/** An option of {@link Options}. See {@link Stave#options}. */
public final class Option extends Report {
  private final StaveOptionInfo report;

  Option(StaveOptionInfo report) {
    this.report = report;
  }

  /**
   * Its name.
   *
   * @return "merge.triggers.dead_bytes"
   */
  public String name() {
    return report.getName();
  }

  /**
   * What its value is.
   *
   * @return "bool", "int", "percent", "size", "duration" or "choice"
   */
  public String kind() {
    return report.getKind();
  }

  /**
   * The default.
   *
   * @return as text
   */
  public String defaultValue() {
    return report.getDefault_value();
  }

  /**
   * The least value.
   *
   * @return empty where there is no bound
   */
  public String minimum() {
    return report.getMinimum();
  }

  /**
   * The greatest value.
   *
   * @return empty where there is no bound
   */
  public String maximum() {
    return report.getMaximum();
  }

  /**
   * What a choice can be.
   *
   * @return "mapped|positional"; empty if it is no choice
   */
  public String choices() {
    return report.getChoices();
  }

  /**
   * What it is for.
   *
   * @return a sentence or more
   */
  public String description() {
    return report.getDescription();
  }

  /**
   * The version that introduced it.
   *
   * @return "0.1.0"
   */
  public String since() {
    return report.getSince();
  }
}
