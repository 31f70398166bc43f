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

  function base64(bytes) {
    var pieces = [];
    for (var at = 0; at < bytes.length; at += 24576) {
      pieces.push(btoa(String.fromCharCode.apply(null, bytes.subarray(at, at + 24576))));
    }
    return pieces.join("");
  }

  // JSON goes into the field where anybody can see it; a PDF, a badge, a ZIP or a bundle goes along as base64.
  function read(content) {
    var bytes = new Uint8Array(content), text = new TextDecoder().decode(bytes);
    if (!/^\uFEFF?\s*\{/.test(text)) { return { field: "archivo", value: base64(bytes) }; }
    return { field: isReceipt(text) ? "comprobante" : "credencial", value: text };
  }

  // Of two credentials nobody could say which one the answer is about.
  function put(found) {
    var receipts = found.filter(function (one) { return one.field === "comprobante"; });
    if (receipts.length > 1 || found.length - receipts.length > 1) { return false; }
    if (found.length > receipts.length) {
      form.elements.credencial.value = form.elements.archivo.value = form.elements.comprobante.value = "";
    }
    found.forEach(function (one) { form.elements[one.field].value = one.value; });
    form.elements.credencial.required = !form.elements.archivo.value;
    return true;
  }

  // What was chosen before is gone, too: an answer on it would be taken for one on this.
  function refuse(why) {
    form.elements.archivo.value = "";
    form.elements.credencial.required = true;
    note.textContent = why;
  }

  function take(list) {
    var chosen = Array.from(list), words = document.getElementById("palabras").dataset;
    var names = chosen.map(function (file) { return file.name; }).join(", ");
    // A server that refuses a body does not wait for its end, and a browser then shows no answer at all.
    if (chosen.some(function (file) { return file.size > Number(words.tope); })) {
      refuse(words.grande);
      return;
    }
    Promise.all(chosen.map(function (file) { return file.arrayBuffer(); })).then(function (contents) {
      if (put(contents.map(read))) { note.textContent = names; } else { refuse(words.varias); }
    });
  }

  form.elements.credencial.addEventListener("input", function () {
    form.elements.archivo.value = note.textContent = "";
    form.elements.credencial.required = true;
  });
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
