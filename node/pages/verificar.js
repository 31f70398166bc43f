"use strict";
(function () {
  var form = document.getElementById("formulario");
  var area = document.getElementById("soltar");
  var files = document.getElementById("archivos");
  var note = document.getElementById("leido");
  area.hidden = false;

  function isReceipt(text) {
    try { return JSON.parse(text).format === "acredita-receipt/1"; } catch (error) { return false; }
  }

  // JSON goes into the fields where anybody can see it; a PDF, a badge or a ZIP goes along as base64.
  function put(bytes) {
    var text = new TextDecoder().decode(bytes);
    if (/^\uFEFF?\s*\{/.test(text)) {
      form.elements[isReceipt(text) ? "comprobante" : "credencial"].value = text;
      return;
    }
    var pieces = [];
    for (var at = 0; at < bytes.length; at += 24576) {
      pieces.push(btoa(String.fromCharCode.apply(null, bytes.subarray(at, at + 24576))));
    }
    form.elements.archivo.value = pieces.join("");
    form.elements.credencial.value = "";
  }

  function take(list) {
    var chosen = Array.from(list).slice(0, 2);
    form.elements.archivo.value = "";
    Promise.all(chosen.map(function (file) { return file.arrayBuffer(); })).then(function (contents) {
      contents.forEach(function (content) { put(new Uint8Array(content)); });
      form.elements.credencial.required = !form.elements.archivo.value;
      note.textContent = chosen.map(function (file) { return file.name; }).join(", ");
    });
  }

  files.addEventListener("change", function () { take(files.files); });
  ["dragenter", "dragover"].forEach(function (name) {
    area.addEventListener(name, function (event) { event.preventDefault(); area.classList.add("encima"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    area.addEventListener(name, function (event) { event.preventDefault(); area.classList.remove("encima"); });
  });
  area.addEventListener("drop", function (event) { take(event.dataTransfer.files); });

  function row(list, term, text) {
    var dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = text;
    list.append(dt, dd);
  }

  function word(map) { return map ? map[document.documentElement.lang] || map.es : "—"; }

  function summary(found) {
    var section = document.getElementById("resumen"), words = section.ownerDocument.getElementById("palabras").dataset;
    var heading = document.createElement("h2"), list = document.createElement("dl"), hint = document.createElement("p");
    heading.textContent = words.titulo;
    hint.className = "aviso";
    if (found === null) {
      hint.textContent = words.desconocida;
      section.append(heading, hint);
    } else {
      row(list, words.microcredencial, word(found.title));
      row(list, words.entidad, word(found.issuer_name));
      row(list, words.estado, words[found.status] || words.olvidada);
      row(list, words.anclaje, found.anchored ? words.anclada : words.pendiente);
      hint.textContent = words.aviso;
      section.append(heading, list, hint);
    }
    section.hidden = false;
  }

  // The digest stands behind the # of a link: the browser does not send it before this line does.
  var digest = /^#d=([0-9a-f]{64})$/.exec(location.hash);
  if (digest) {
    fetch("/v1/credentials/" + digest[1]).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).then(summary, function () { summary(null); });
  }
})();
