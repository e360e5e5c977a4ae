{{- define "sequitur.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "sequitur.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "sequitur.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "sequitur.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sequitur.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sequitur.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "sequitur.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "sequitur.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "sequitur.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is required where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "sequitur.image" -}}
{{- $tag := default (printf "%s%s" .Chart.AppVersion (ternary "-gpu" "" .Values.gpu.enabled)) .Values.image.tag -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end }}

{{- define "sequitur.bundle" -}}
{{- if .Values.model.path }}/models/{{ .Values.model.path }}{{ else }}/models{{ end }}
{{- end }}

{{/* One source of the bundle, and what the application can't do without. */}}
{{- define "sequitur.check" -}}
{{- $sources := list }}
{{- if .Values.model.existingClaim }}{{ $sources = append $sources "existingClaim" }}{{ end }}
{{- if .Values.model.image.repository }}{{ $sources = append $sources "image" }}{{ end }}
{{- if .Values.model.initContainer }}{{ $sources = append $sources "initContainer" }}{{ end }}
{{- if ne (len $sources) 1 }}
{{- fail (printf "model: set exactly one of existingClaim, image.repository and initContainer, got %d: %s" (len $sources) (join ", " $sources)) }}
{{- end }}
{{- range list "bootstrap.servers" "sequitur.input.topic" }}
{{- $_ := required (printf "config: %s is required, for example --set-string 'config.%s=…'" . (replace "." "\\." .)) (index $.Values.config .) }}
{{- end }}
{{- range list "sequitur.bundle" "sequitur.http.listen" "state.dir" "group.instance.id" }}
{{- if hasKey $.Values.config . }}
{{- fail (printf "config: %s is set by the chart (model, http.port, persistence, staticMembership); remove it" .) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A value of a property: numbers come as floats from YAML, and are written as they were meant. */}}
{{- define "sequitur.property" -}}
{{- if kindIs "float64" . }}{{ if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end }}{{ else }}{{ . | toString | replace "\\" "\\\\" }}{{ end }}
{{- end }}

{{- define "sequitur.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
