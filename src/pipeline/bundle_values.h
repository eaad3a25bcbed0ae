#pragma once

#include <string>

#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// Puts values in for the references of a bundle: ${var.x}, ${bundle.target},
/// ${workspace.current_user.userName} and any other value by its path. A reference that is the
/// whole text of a value is replaced by what it stands for, be it a map or a list.
class BundleValues {
 public:
  /// `bundle` is what ${path} looks into; it and the options outlive this.
  BundleValues(const Yaml& bundle, const ProjectOptions& options, std::string target)
      : bundle_(bundle), options_(options), target_(std::move(target)) {}

  /// Those that start with "resources." stay, for names that aren't settled yet, unless `all`.
  /// Errors: PROJECT_VARIABLE_UNKNOWN; PROJECT_INVALID for a circle; UNSUPPORTED_FEATURE for a
  /// variable that is looked up in a workspace.
  Status Apply(bool all, Yaml* value) const { return Apply(all, value, 0); }

  /// Refuses values for variables that the bundle doesn't declare.
  Status CheckGiven() const;

 private:
  Status Apply(bool all, Yaml* value, int depth) const;
  Status ApplyToText(bool all, Yaml* value, int depth) const;
  Result<Yaml> ValueOf(const std::string& reference, const YamlPlace& place) const;
  /// The value from outside, or null.
  const std::string* GivenFor(const std::string& name) const;
  Result<Yaml> VariableOf(const std::string& path, const YamlPlace& place) const;

  const Yaml& bundle_;
  const ProjectOptions& options_;
  const std::string target_;
};

/// A user's name without what names can't hold: "ann.smith@example.com" is "ann_smith".
std::string ShortName(const std::string& user);
/// Lower case, with '_' between for what is neither letter nor digit.
std::string NormalizedName(std::string_view name);

}  // namespace tarn::pipeline
